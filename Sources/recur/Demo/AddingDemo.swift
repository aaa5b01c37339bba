import ArgumentParser
import Recurrent
import RecurrentTasks

/// `recur demo adding`
struct AddingDemo: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "adding", abstract: "Compare cells on the adding problem, a test of memory over many steps.",
    discussion: """
      Each step has a value and a marker; two markers are 1, and the target is the sum of the two marked values. Predicting \
      the mean has a mean squared error of 0.167. The gradient flow before training shows which cells can learn the problem.
      """)

  @Option("Number of time steps of a sequence.", .range(2...10_000))
  var length = 100

  @Option(help: ArgumentHelp("Cells to train, separated by commas.", valueName: "names"))
  var cells = "elman,irnn,gru,lstm"

  @Option(
    "Maximum number of training steps; training stops when the mean loss of 100 steps is below 0.002.",
    .range(1...10_000_000))
  var steps = 3000

  @Option("Number of runs of each cell, with the seeds 0, 1 and so on.", .range(1...1000))
  var seeds = 3

  @Option("Hidden size.", .range(1...10_000))
  var hidden = 64

  @Option("Batch size.", .range(1...10_000))
  var batch = 32

  @Option(
    "Learning rate of Adam, with cosine decay. (default: 0.01 for lstm, 0.005 gru, 0.001 elman, 0.0005 irnn)",
    .above(0))
  var learningRate: Double?

  @Option(help: .file("SVG file to write: a plot of the gradient flow."))
  var svg: String?

  @Flag(help: "Print JSON objects on standard output.")
  var json = false

  @OptionGroup(title: "Device") var device: DeviceOptions

  private static let reportEvery = 100
  /// The mean loss at which training stops.
  private static let learnt = 0.002
  /// The number of batches for the evaluation.
  private static let measured = 32

  func run() throws {
    let cells = try AddingCell.cells(cells)
    if let svg { try Files.requireOutput(svg) }
    let device = try device.open()
    let flow = try flow(of: cells, on: device)
    if let svg {
      try Files.replace(svg, with: Array(flow.svg(title: "The adding problem, \(length) steps, before training").utf8))
    }
    if json {
      try Console.put(json: FlowEvent(layers: flow.output))
    } else {
      Console.put("Before training. \(flow.report())\n\n")
    }
    Interrupt.listen()
    var results: [Result] = []
    for cell in cells {
      for seed in 0..<seeds where !Interrupt.wasRequested {
        let result = try train(cell, seed: UInt64(seed), on: device)
        results.append(result)
        if json { try Console.put(json: result) }
        Console.say("\(cell.title), seed \(seed): \(result.line)")
      }
    }
    guard !json else { return }
    Console.put(
      """
      Mean squared error on \((Self.measured * batch).grouped) new sequences of \(length) steps; guessing the mean has \
      \((1.0 / 6).text(3)):

      \(table(results, cells).table(numbers: 1))

      """)
  }

  /// The gradient flow of each cell before training, with the cell's name.
  private func flow(of cells: [AddingCell], on device: Device) throws -> GradientFlow {
    let problem = try AddingProblem(steps: length, batchSize: batch)
    let layers = try cells.map { cell in
      let (model, tape) = (try SequenceRegressor(rnn: cell.makeLayer(hidden: hidden)), Tape(device))
      try model.move(to: device, seed: 0)
      let flow = try GradientFlow.measure(model, over: [problem.batch(0)], on: tape) {
        try model.loss(of: $0, on: tape).loss
      }
      return GradientFlow.Layer(name: cell.title, norms: flow.layers[0].norms)
    }
    return GradientFlow(layers: layers)
  }

  private func train(_ cell: AddingCell, seed: UInt64, on device: Device) throws -> Result {
    let start = ContinuousClock.now
    let problem = try AddingProblem(steps: length, batchSize: batch, seed: seed)
    let trainer = try Trainer(
      SequenceRegressor(rnn: cell.makeLayer(hidden: hidden)),
      optimizer: Adam(learningRate: learningRate ?? cell.learningRate), schedule: .cosine(total: steps), clipNorm: 1,
      seed: seed, device: device
    ) { (model, batch: AddingProblem.Batch, _, tape) in try model.loss(of: batch, on: tape) }
    // Batches that no training step sees.
    let unseen = (steps..<steps + Self.measured).lazy.map(problem.batch)
    var isLearnt = false
    trainer.shouldStop = { isLearnt || Interrupt.wasRequested }
    var result = Result(cell: cell, seed: seed)
    do {
      let batches = (0..<steps).lazy.map(problem.batch)
      try trainer.fit(batches, epochs: 1, reportEvery: Self.reportEvery) { report in
        guard report.kind == .steps else { return }
        // A single bad step can hide in the mean of losses that it dwarfs, so new sequences decide.
        isLearnt = try report.loss < Self.learnt && trainer.evaluate(unseen) < Self.learnt
        if json { try Console.put(json: StepEvent(cell: cell, seed: seed, step: report.step, error: report.loss)) }
      }
      result.error = try trainer.evaluate(unseen)
    } catch let error as RecurrentError where error.kind == .diverged {
      result.error = nil
    }
    result.steps = trainer.progress.step
    result.seconds = start.duration(to: .now).seconds
    return result
  }

  /// A line per cell: the error of the best seed, of all seeds, and the steps and time of the best.
  private func table(_ results: [Result], _ cells: [AddingCell]) -> [[String]] {
    let heading = ["cell", "best", "of", "steps", "time"]
    return [heading]
      + cells.compactMap { cell in
        let runs = results.filter { $0.cell == cell }
        guard let best = runs.min(by: { $0.error ?? .infinity < $1.error ?? .infinity }) else { return nil }
        return [
          cell.title, best.errorText, runs.map(\.errorText).joined(separator: " "), best.steps.grouped,
          best.seconds.asDuration,
        ]
      }
  }

  /// The result of one training run.
  private struct Result: Encodable {
    var event = "cell"
    let cell: AddingCell, seed: UInt64
    /// The mean squared error, or nil if the training diverged.
    var error: Double?
    var steps = 0, seconds = 0.0

    init(cell: AddingCell, seed: UInt64) {
      self.cell = cell
      self.seed = seed
    }

    var errorText: String { error?.text(4) ?? "diverged" }
    var line: String { "\(errorText) after \(steps.grouped) steps, \(seconds.asDuration)" }
  }

  private struct StepEvent: Encodable {
    var event = "steps"
    let cell: AddingCell, seed: UInt64, step: Int, error: Double
  }

  private struct FlowEvent: Encodable {
    var event = "gradient_flow"
    let layers: [GradientFlow.Output]
  }
}
