import ArgumentParser
import Recurrent

/// What `recur inspect --gradient-flow` measures, and where.
struct GradientFlowOptions: ParsableArguments {
  @Flag(help: "Show how much of the loss's gradient reaches each time step of the recurrent layers.")
  var gradientFlow = false

  @Option(help: "The data of the gradient flow, as the model was trained on.")
  var data: String?

  @Option(help: "A file for the picture of the gradient flow.")
  var svg: String?

  @Option(parsing: .unconditional, help: "The steps of a text that the gradient goes back. (default: 100)")
  var sequence: Int?

  @Option(
    help: """
      Loss whose gradient is measured, of a language model or a tagger: of the last step, or the mean over all. (default: \
      last)
      """)
  var loss: GradientFlow.Loss?

  private static let rows = 16
  private static let batches = 4

  /// The data's name.
  /// - Throws: `RecurrentError.invalidArgument` if there is none.
  func checkedData() throws -> String {
    guard let data else {
      throw RecurrentError(
        .invalidArgument, "a gradient flow is measured on data", at: "--gradient-flow", remedy: "add --data FILE")
    }
    if let sequence { try require((2...100_000).contains(sequence), "--sequence", sequence, "take 2 to 100,000") }
    return data
  }

  /// - Throws: `RecurrentError.invalidArgument` if anything is given that only a gradient flow uses.
  func checkUnused(
    _ format: TextFormatOptions, _ tagged: TaggedFormatOptions, _ table: TableOptions, _ device: DeviceOptions
  ) throws {
    let given = [
      ("--data", data), ("--svg", svg), ("--sequence", sequence.map(String.init)), ("--loss", loss?.rawValue),
      ("--device", device.device), ("--threads", device.threads.map(String.init)),
    ]
    for (option, value) in given {
      try requireUse(value == nil, option, "only a gradient flow needs it", remedy: "add --gradient-flow")
    }
    try format.refuse("only a gradient flow reads data")
    try table.refuse("only a gradient flow reads data")
    try tagged.refuse("only a gradient flow reads data")
  }

  /// The flow of a language model: rows that begin at places spread over a text.
  func measure(_ model: LanguageModel, on data: String, tape: Tape) throws -> GradientFlow {
    let text = try TextDataset(contentsOf: data, vocabulary: model.vocabulary.required(at: "LanguageModel"))
    let steps = min(sequence ?? 100, max(1, text.tokens.count - 1))
    let streams = try text.streams(rows: max(1, min(Self.rows, (text.tokens.count - 1) / steps)), steps: steps)
    return try GradientFlow.measure(model, over: streams.prefix(Self.batches), of: loss ?? .last, on: tape)
  }

  /// The flow of a classifier: some of the texts, those of similar length beside each other.
  func measure(_ model: Classifier, on data: String, _ storage: TextStorage, tape: Tape) throws -> GradientFlow {
    let texts = try model.texts(storage.labelledContents(of: data, remembered: model.dataFormat).examples)
    return try GradientFlow.measure(model, over: someBatches(of: texts), on: tape) {
      try model.loss(
        of: $0.tokens(on: tape), spelling: $0.spelling(on: tape), labels: $0.classes.known(below: model.classes)
      ).loss
    }
  }

  /// The flow of a tagger: some of the sentences, likewise.
  func measure(_ model: Tagger, on data: String, _ columns: TaggedColumns, tape: Tape) throws -> GradientFlow {
    let texts = try model.texts(columns.contents(of: data, remembered: model.dataFormat).sentences)
    return try GradientFlow.measure(model, over: someBatches(of: texts), of: loss ?? .last, on: tape)
  }

  private func someBatches<Examples: EncodedExamples>(of examples: Examples) throws -> [Examples.Batch] {
    try LengthBuckets(lengths: examples.lengths, batch: Self.rows).batches(epoch: 0).prefix(Self.batches)
      .map(examples.batch)
  }
}

extension GradientFlow.Loss: ExpressibleByArgument {}
