import ArgumentParser
import Recurrent
import RecurrentCore
import RecurrentData
import RecurrentModel
import RecurrentTasks

/// `recur demo translate`
struct TranslateDemo: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "translate",
    abstract: "Train a translator on generated pairs for less than two minutes, and measure exact matches on others.",
    discussion: """
      An encoder in two directions, and a decoder with additive attention. The pairs follow a rule, so each translation is right or \
      wrong.
      """)

  @Option(
    help: """
      Pairs: reverse, sequences of 20 symbols and their reverse; sort, the same sorted; dates, such as march 3, 2019, and 2019-03-03.
      """)
  var kind = PairProblem.reverse

  @Option("Random seed of the data and the weights.", .atLeast(0))
  var seed: UInt64 = 0

  @Option("Number of training steps. (default: 6000 for sort, else 2500)", .range(1...100_000))
  var steps: Int?

  @Option("Maximum training time in seconds.", .above(0))
  var timeLimit = 110.0

  @Flag(help: "Print JSON objects on standard output.")
  var json = false

  @OptionGroup(title: "Device") var device: DeviceOptions

  private static let trainingPairs = 20_000
  private static let otherPairs = 1000
  private static let rows = 96
  private static let hidden = 128
  private static let embedding = 64
  /// More than the longest target has.
  private static let longest = 24
  private static let shownPairs = 3
  /// The longest source of an example that is shown.
  private static let longestShown = 24

  func run() throws {
    let start = ContinuousClock.now
    let device = try device.open()
    let pairs = kind.pairs(Self.trainingPairs + Self.otherPairs, seed: seed)
    let (own, others) = (Array(pairs.dropLast(Self.otherPairs)), pairs.suffix(Self.otherPairs))
    let model = try makeModel(own)
    try model.move(to: device, seed: seed)
    Console.say(
      """
      \(kind.rule) For example:

      \(own.prefix(Self.shownPairs).map { "\($0.source) → \($0.target)" }.joined(separator: "\n").indented)

      A translator with \(model.parameterCount.grouped) parameters learns it from \(own.count.grouped) pairs. Training on \
      \(device.description.identifier) (\(device.description.name)):
      """)
    let training = DemoTraining(steps: steps ?? kind.steps, timeLimit: timeLimit, json: json)
    let (curve, trained) = try train(model, on: own, training, device: device)
    let search = try BeamSearch(beam: 1, constraints: DecodingConstraints(maximumLength: Self.longest))
    let translations = try model.translate(others.map(\.source), search: search).compactMap(\.first)
    var matches = ExactMatch()
    for (translation, pair) in zip(translations, others) { matches.add(translation.text, references: [pair.target]) }
    let seconds = start.duration(to: .now).seconds
    Console.say(
      """

      \(curve.drawing())

      After training, it translates, with its attention:

      \(examples(translations, of: others.map(\.source)).indented)
      \((matches.value * 100).text(1)) % of \(others.count.grouped) other pairs are exact. It took \(seconds.asDuration)\
      \(training.rest(trained)).

      To train on your own pairs: \(CommandLine.arguments[0]) train translate --data FILE --model DIR
      """)
    if json {
      try Console.put(
        json: Done(
          kind: kind.rawValue, exact: matches.value, pairs: others.count, seconds: seconds,
          finalLoss: curve.losses.last, device: device.description.identifier, parameters: model.parameterCount))
    }
  }

  private struct Done: Encodable {
    var event = "done"
    let kind: String, exact: Double, pairs: Int, seconds: Double, finalLoss: Double?, device: String, parameters: Int
  }

  private func makeModel(_ pairs: [TextPair]) throws -> Translator {
    let codecs = try [pairs.map(\.source), pairs.map(\.target)].map { texts in
      try TextCodec(
        of: texts, kind: kind.tokens, subwords: nil, maximumSize: nil, minimumCount: 1, lowercases: false)
    }
    let model = try TranslatorConfiguration(
      sourceTokens: codecs[0].tokenCount, targetTokens: codecs[1].tokenCount, embedding: Self.embedding,
      network: .recurrent(
        RecurrentTranslatorConfiguration(
          layers: RecurrentConfiguration(cell: .gru, hidden: Self.hidden, bidirectional: true), attention: .additive,
          feedsInput: false))
    ).makeModel(initialization: nil)
    (model.source, model.target) = (codecs[0], codecs[1])
    return model
  }

  private func train(
    _ model: Translator, on pairs: [TextPair], _ training: DemoTraining, device: Device
  ) throws -> (LossCurve, steps: Int) {
    let examples = try model.encoded(pairs)
    let buckets = try LengthBuckets(
      lengths: examples.lengths, others: examples.otherLengths, batch: Self.rows, seed: seed)
    let trainer = try Trainer(
      model, optimizer: Adam(learningRate: 3e-3), schedule: .cosine(total: training.steps, warmUp: 200), clipNorm: 1,
      seed: seed, device: device
    ) { (model, batch: PairBatch, _, tape) in try model.loss(of: batch, on: tape) }
    return try training.run(trainer, stepsPerEpoch: buckets.count) { epoch in
      buckets.batches(epoch: epoch).lazy.map(examples.batch)
    }
  }

  /// Some translations, each with a chart of its attention.
  private func examples(_ translations: [Translation], of sources: [String]) -> String {
    let short = zip(translations, sources).filter { $0.0.hypothesis.attention.count <= Self.longestShown }
    return short.prefix(Self.shownPairs).map { translation, source in
      let chart = translation.attention?.text(style: .environment(isTerminal: Console.isTerminal)) ?? ""
      return "\(source) → \(translation.text)\n\n\(chart)\n"
    }.joined()
  }
}
