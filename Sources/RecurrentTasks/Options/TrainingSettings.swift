import ArgumentParser
import RecurrentCore
import RecurrentModel

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// The options of a task, which determine a run together with the data, and cannot change when it is resumed.
package protocol TaskOptions: ParsableArguments {
  /// The cells that the task's models may have.
  associatedtype Cell: CellChoice
  /// The options of validation and early stopping: cross-validation does not have them, and without validation data they are rejected.
  associatedtype Stopping: ParsableArguments = NoOptions

  var network: NetworkOptions<Cell> { get set }
  var training: TrainingOptions<Cell> { get }

  /// The options that describe the model, in addition to those of the network; `--from` replaces them.
  static var describingModel: Set<String> { get }

  /// Checks options together.
  /// - Parameter isPretrained: Whether the run starts from another model (`--from`).
  /// - Throws: `RecurrentError.invalidArgument` that names an option that does not fit the others.
  func check(isPretrained: Bool) throws
  /// Sets defaults that depend on other options, so that a checkpoint contains them.
  mutating func resolveDefaults()
  /// The training data that an option of the task names in place of `--data`; nil if none does.
  var data: String? { get }
  /// Sets the locations of data to those of other options: a resumed run may find its data elsewhere.
  mutating func moveData(to other: Self)
  /// The options with each value of an option that is `auto`, among which the validation chooses; empty if none is.
  var candidates: [Candidate<Self>] { get }
}

extension TaskOptions {
  package mutating func resolveDefaults() { network.resolveDefaults() }
  package var data: String? { nil }
  package mutating func moveData(to other: Self) {}
  package var candidates: [Candidate<Self>] { [] }
}

/// Options with a value of one that is `auto`.
package struct Candidate<Options> {
  /// The option: `--gate`.
  package let option: String
  /// The value on the command line.
  package let value: String
  /// All options, with the value.
  package let options: Options
}

/// The settings of a run, except for the device; stored in checkpoints, so that a resume needs no options.
package struct TrainingSettings<Options: TaskOptions> {
  /// The options that a resume may change.
  package var run: RunOptions
  /// The options that a resume cannot change.
  package var start: StartOptions
  package var stopping: Options.Stopping
  package var options: Options
  /// Hashes of the training and validation data, compared when a run is resumed.
  package var fingerprints: [String] = []

  /// The training data.
  package var data: String { run.data ?? "" }
  /// The file of validation data, if given.
  package var validation: String? { run.validation }
  /// The fraction of the training data for validation.
  package var validationFraction: Double { start.validationFraction ?? 0 }
  /// Whether there is validation data.
  package var validates: Bool { validation != nil || validationFraction > 0 }
  package var network: NetworkOptions<Options.Cell> { options.network }
  package var training: TrainingOptions<Options.Cell> { options.training }
  package var epochs: Int { run.epochs ?? Options.Cell.defaults.epochs }

  /// The settings of a new run.
  /// - Throws: `RecurrentError.invalidArgument` that names an option that is missing or does not fit the others.
  package init(_ run: RunOptions, _ start: StartOptions, _ stopping: Options.Stopping, _ options: Options) throws {
    try requireUse(
      run.data == nil || options.data == nil, "--data", "another option names the data", remedy: "leave out one of them"
    )
    var run = run
    run.data = try required(run.data ?? options.data, "--data")
    guard run.validation == nil || start.validationFraction == nil else {
      throw RecurrentError(
        .invalidArgument, "--validation and --validation-fraction are mutually exclusive", at: "--validation",
        remedy: "give one of them")
    }
    var start = start
    // What a run was begun with is kept, so that a checkpoint does not depend on defaults.
    if run.validation == nil, start.validationFraction == nil { start.validationFraction = 0.1 }
    // A task with a minimum of steps sets it once it knows the data.
    if Options.Cell.defaults.steps == 0 { run.epochs = run.epochs ?? Options.Cell.defaults.epochs }
    (self.run, self.start, self.stopping, self.options) = (run, start, stopping, options)
    try check()
  }

  private func check() throws {
    try options.check(isPretrained: start.from != nil)
    try training.check()
    try network.check()
    let unused = validates ? nil : OptionValues(stopping).firstName
    try requireUse(
      unused == nil, "--\(unused ?? "")", "no validation data",
      remedy: "add --validation, or use a --validation-fraction above 0")
    try requireUse(
      training.schedule.plateau == nil || validates, "--schedule", "a plateau schedule needs validation data",
      remedy: "use a --validation-fraction above 0")
  }

  /// The learning rate of a step, from 0.
  package func learningRate(step: Int, stepsPerEpoch: Int) -> Double {
    training.learningRate * training.schedule.make(total: stepsPerEpoch * epochs)(step)
  }

  /// A note if the warm-up is not shorter than the run.
  package func noteOfWarmUp(stepsPerEpoch: Int) -> String? {
    guard case .cosine(let warmUp) = training.schedule, warmUp >= stepsPerEpoch * epochs else { return nil }
    return
      "The warm-up of \(warmUp.counted("step")) is not shorter than the training of \((stepsPerEpoch * epochs).counted("step"))"
      + ": the learning rate never falls."
  }

  /// A note about the learning rate, if the schedule spans the whole run and a resume changed the number of epochs.
  /// - Parameters:
  ///   - earlier: The settings before the resume.
  ///   - step: The next step.
  package func noteOfSchedule(since earlier: Self, step: Int, stepsPerEpoch: Int) -> String? {
    guard case .cosine = training.schedule, epochs != earlier.epochs, step > 0 else { return nil }
    let rates = [earlier, self].map { Float($0.learningRate(step: step, stepsPerEpoch: stepsPerEpoch)) }
    return "The cosine schedule now spans \(epochs.counted("epoch")), not \(earlier.epochs.grouped): the learning rate "
      + "continues at \(rates[1]) (it would have been \(rates[0])), as in a run of \(epochs.counted("epoch")) from the start."
  }

  /// The settings with the fingerprints of the data that was read.
  /// - Throws: `RecurrentError.invalidData` if the data is not that of the run that is resumed.
  func checked(_ data: [(location: String, fingerprint: String)]) throws -> Self {
    for ((location, new), old) in zip(data, fingerprints) where old != new {
      throw RecurrentError(
        .invalidData, "is not the data of the start of the run", at: location,
        remedy: "give the same data, or start a new run in another folder")
    }
    var settings = self
    settings.fingerprints = data.map(\.fingerprint)
    return settings
  }
}

// MARK: - In a checkpoint

extension TrainingSettings {
  private typealias All = Joined<RunOptions, Joined<StartOptions, Joined<Options.Stopping, Options>>>

  private struct Record: Codable {
    let options: OptionValues
    let fingerprints: [String]

    init(_ options: OptionValues, _ fingerprints: [String]) {
      (self.options, self.fingerprints) = (options, fingerprints)
    }

    init(json: String) throws {
      if let record = try? JSONDecoder().decode(Self.self, from: Data(json.utf8)) {
        self = record
      } else {
        let earlier = try EarlierSettings(json: json)
        self.init(OptionValues(earlier.options), earlier.fingerprints)
      }
    }
  }

  /// The values of all options, including resolved defaults.
  package var values: OptionValues {
    var options = options
    options.resolveDefaults()
    return OptionValues(run, start, stopping, options)
  }

  /// The settings for a checkpoint.
  package func json() throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(Record(values, fingerprints)), as: UTF8.self)
  }

  /// The settings of a checkpoint's run.
  /// - Parameters:
  ///   - command: The command that began it, behind `recur train`.
  ///   - location: The model, for errors.
  /// - Throws: `RecurrentError.invalidModel` if they are damaged, or of another task.
  package init(json: String, of command: String, from location: String) throws {
    let record: Record
    do {
      record = try Record(json: json)
    } catch {
      throw RecurrentError(
        .invalidModel, "the checkpoint has no settings for recur train \(command)", at: location,
        remedy: "resume with the version of recur that wrote it")
    }
    let damaged = { (what: String) in
      RecurrentError(
        .invalidModel, "the checkpoint's settings are damaged: \(what)", at: location,
        remedy: "start a new run in another folder")
    }
    do {
      let joined = try All.parse(record.options.arguments)
      (run, start) = (joined.first, joined.second.first)
      (stopping, options) = (joined.second.second.first, joined.second.second.second)
      fingerprints = record.fingerprints
      guard !data.isEmpty else { throw damaged("--data is missing") }
      try check()
    } catch let error as RecurrentError {
      throw error.kind == .invalidModel ? error : damaged("\(error.location ?? ""): \(error.what)")
    } catch {
      throw damaged(All.message(for: error).withoutParserPrefix)
    }
  }
}

/// Two groups of options parsed together.
package struct Joined<First: ParsableArguments, Second: ParsableArguments>: ParsableArguments {
  @OptionGroup package var first: First
  @OptionGroup package var second: Second

  package init() {}

  package init(_ first: First, _ second: Second) { (self.first, self.second) = (first, second) }
}
