/// What reads the sequences of a classifier or tagger: recurrent layers, or the baseline's layer over a window.
enum SequenceReader {
  case layers(RecurrentStack)
  case window(Int, hidden: Int)

  /// The features that it gives.
  var outputSize: Int {
    switch self {
    case .layers(let rnn): rnn.outputSize
    case .window(_, let hidden): hidden
    }
  }
}

extension RecurrentStack {
  /// Throws unless the layers read `size` features, time first.
  func requireReading(_ size: Int, at place: String) throws {
    guard inputSize == size else {
      throw RecurrentError(
        .invalidArgument, "the recurrent layers read \(inputSize) features, they get \(size)", at: place,
        remedy: "make them with input: \(size)")
    }
    guard !isBatchFirst else {
      throw RecurrentError(
        .invalidArgument, "recurrent layers that take the batch first", at: place, remedy: "make them time first")
    }
  }
}
