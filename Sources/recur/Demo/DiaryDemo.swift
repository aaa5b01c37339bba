import ArgumentParser
import Recurrent
import RecurrentTasks

/// `recur demo diary`
struct DiaryDemo: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "diary",
    abstract: "Train on a generated diary for less than a minute, and measure the result.")

  @Option("Random seed of the data, the weights and the generated text.", .atLeast(0))
  var seed: UInt64 = 0

  @Option("Number of training steps.", .range(1...100_000))
  var steps = 3000

  @Option("Maximum training time in seconds.", .above(0))
  var timeLimit = 55.0

  @Flag(help: "Print JSON objects on standard output.")
  var json = false

  @OptionGroup(title: "Device") var device: DeviceOptions

  private static let rows = 16
  private static let length = 64
  private static let hidden = 128
  private static let measuredLines = 200

  func run() throws {
    let start = ContinuousClock.now
    let device = try device.open()
    let grammar = DiaryGrammar()
    let text = try TextDataset(diary(grammar, seed: seed), from: "diary")
    let streams = try text.streams(batchSize: Self.rows, steps: Self.length)
    let model = try makeModel(text.vocabulary)
    try model.move(to: device, seed: seed)
    Console.say(
      """
      A diary of weather and dinners, one line per day. Its rules: days are in order; brackets are closed; a guest who comes
      also says goodbye; each weather has its dinners, but no dinner is repeated on the next day. For example:

      \(grammar.generate(seed: seed &+ 1, lines: 5).indented)
      Before training, an LSTM with \(model.parameterCount.grouped) parameters writes:

      \(try model.generate(length: 160, seed: seed).indented)

      Training on \(device.description.identifier) (\(device.description.name)):
      """)
    let trainer = try Trainer(
      model, optimizer: Adam(learningRate: 4e-3), schedule: .cosine(total: steps, warmUp: 50), clipNorm: 1, seed: seed,
      device: device)
    let training = DemoTraining(steps: steps, timeLimit: timeLimit, json: json)
    let (curve, trained) = try training.run(trainer, stepsPerEpoch: streams.count) { _ in streams }
    let opening = grammar.generate(seed: seed &+ 1, lines: 1)
    let generated = try generate(model, after: opening)
    let (share, lines) = grammar.validShare(of: generated, after: String(opening.dropLast()))
    let seconds = start.duration(to: .now).seconds
    Console.say(
      """

      \(curve.drawing())

      After training, it writes:

      \(generated.split(separator: "\n").prefix(8).joined(separator: "\n").indented)

      \((share * 100).text(1)) % of \(lines) generated lines obey every rule. It took \(seconds.asDuration)\(training.rest(trained)).

      To train on your own text: \(CommandLine.arguments[0]) train text --data FILE --model DIR
      """)
    if json {
      try Console.put(
        json: Done(
          validShare: share, lines: lines, seconds: seconds, finalLoss: curve.losses.last,
          device: device.description.identifier, parameters: model.parameterCount))
    }
  }

  private struct Done: Encodable {
    var event = "done"
    let validShare: Double, lines: Int, seconds: Double, finalLoss: Double?, device: String, parameters: Int
  }

  /// Text for all steps: no part is read twice, so none can be memorized.
  private func diary(_ grammar: DiaryGrammar, seed: UInt64) -> String {
    let scalars = steps * Self.rows * Self.length
    // A line has about 30 characters.
    return grammar.generate(seed: seed, lines: scalars / 24 + 100)
  }

  private func makeModel(_ vocabulary: Vocabulary) throws -> LanguageModel {
    var initialization = RecurrentInitialization.standard(hidden: Self.hidden)
    // What yesterday's dinner was must outlast a line.
    initialization.biasHH = .forgetGate(1)
    return try LanguageModel(
      vocabulary: vocabulary, embedding: 16,
      rnn: LSTM(input: 16, hidden: Self.hidden, initialization: initialization))
  }

  /// Generates lines with the model; an unfinished line is cut off.
  private func generate(_ model: LanguageModel, after opening: String) throws -> String {
    let generator = try TextGenerator(model, prompt: opening, sampler: Sampler(temperature: 0.5, seed: seed))
    var (text, lines) = ("", 0)
    for _ in 0..<Self.measuredLines * 60 where lines < Self.measuredLines {
      let piece = try generator.next()
      text += piece
      if piece == "\n" { lines += 1 }
    }
    return text
  }
}
