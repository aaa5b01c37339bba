/// The names that other programs (PyTorch's and Keras' arguments and examples) have for options.
enum OtherNames {
  /// The option by the other name, without dashes in front.
  static let options: [String: String] = [
    "batch-size": "batch", "bptt": "sequence", "clip": "clip-norm", "clipnorm": "clip-norm", "clipvalue": "clip-value",
    "cuda": "device", "ema": "average", "ema-decay": "average", "ema-momentum": "average", "embed-dim": "embedding",
    "embedding-dim": "embedding", "emsize": "embedding", "gpu": "device",
    "grad-clip": "clip-norm", "hidden-dim": "hidden", "hidden-size": "hidden", "lr": "learning-rate",
    "max-grad-norm": "clip-norm", "max-length": "length", "maxlen": "length", "nhid": "hidden", "nlayers": "layers",
    "num-epochs": "epochs", "num-layers": "layers", "padding": "fill", "seq-len": "sequence", "truncating": "cut",
    "units": "hidden", "validation-split": "validation-fraction", "vocab-size": "vocabulary", "wd": "weight-decay",
  ]

  /// The parser's message of an unknown option with a better suggestion, or without a bad one; unchanged otherwise.
  /// - Parameter names: The options of the command.
  static func message(_ message: String, names: Set<String>) -> String {
    guard let match = message.wholeMatch(of: /(Unknown option '--([A-Za-z0-9_-]+)')(. Did you mean '--(.*)'\?)?/) else {
      return message
    }
    let (unknown, typed) = (match.1, match.2.replacing("_", with: "-"))
    if let option = options[String(typed)], names.contains(option) { return "\(unknown). Did you mean '--\(option)'?" }
    // Any short name is similar to another: a misspelt one begins like it.
    return typed.count > 3 || match.4?.first == typed.first ? message : String(unknown)
  }
}
