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
  var network: NetworkOptions { get set }
  var training: TrainingOptions { get }
  var validation: ValidationOptions { get set }

  /// The options that describe the model, in addition to those of the network; `--from` replaces them.
  static var describingModel: Set<String> { get }

  /// Checks options together.
  /// - Parameter validates: Whether there is validation data.
  /// - Throws: `RecurrentError.invalidArgument` that names an option that does not fit the others.
  func check(validates: Bool) throws
  /// Sets defaults that depend on other options, so that a checkpoint contains them.
  mutating func resolveDefaults()
}

extension TaskOptions {
  package mutating func resolveDefaults() { network.resolveDefaults() }
}

/// The settings of a run, except for the device; stored in checkpoints, so that a resume needs no options.
package struct TrainingSettings<Options: TaskOptions> {
  /// The options that a resume may change.
  package var run: RunOptions
  /// The options that a resume cannot change.
  package var options: Options
  /// Hashes of the training and validation data, compared when a run is resumed.
  package var fingerprints: [String] = []

  /// The training data.
  package var data: String { run.data ?? "" }
  /// The file of validation data, if given.
  package var validation: String? { run.validation }
  /// The fraction of the training data for validation.
  package var validationFraction: Double { options.validation.validationFraction ?? 0 }
  /// Whether there is validation data.
  package var validates: Bool { validation != nil || validationFraction > 0 }
  package var network: NetworkOptions { options.network }
  package var training: TrainingOptions { options.training }
  package var epochs: Int { run.epochs }

  /// The settings of a new run.
  /// - Throws: `RecurrentError.invalidArgument` that names an option that is missing or does not fit the others.
  package init(_ run: RunOptions, _ options: Options) throws {
    guard run.data?.isEmpty == false else {
      throw RecurrentError(.invalidArgument, "no training data", at: "--data", remedy: "name a file")
    }
    guard run.validation == nil || options.validation.validationFraction == nil else {
      throw RecurrentError(
        .invalidArgument, "--validation and --validation-fraction are mutually exclusive", at: "--validation",
        remedy: "give one of them")
    }
    var options = options
    // What a run was begun with is kept, so that a checkpoint does not depend on defaults.
    if run.validation == nil, options.validation.validationFraction == nil {
      options.validation.validationFraction = 0.1
    }
    self.init(run, options, fingerprints: [])
    try check()
  }

  private func check() throws {
    try options.check(validates: validates)
    try network.check(with: training)
    try requireUse(
      training.schedule.plateau == nil || validates, "--schedule", "a plateau schedule needs validation data",
      remedy: "use a --validation-fraction above 0")
  }

  private init(_ run: RunOptions, _ options: Options, fingerprints: [String]) {
    (self.run, self.options, self.fingerprints) = (run, options, fingerprints)
  }

  /// The learning rate of a step, from 0.
  package func learningRate(step: Int, stepsPerEpoch: Int) -> Double {
    training.learningRate * training.schedule.make(total: stepsPerEpoch * epochs)(step)
  }

  /// A note if the warm-up is not shorter than the run.
  package func noteOfWarmUp(stepsPerEpoch: Int) -> String? {
    guard case .cosine(let warmUp) = training.schedule, warmUp >= stepsPerEpoch * epochs else { return nil }
    return
      "The warm-up of \(warmUp.grouped) steps is not shorter than the training of \((stepsPerEpoch * epochs).grouped) steps"
      + ": the learning rate never falls."
  }

  /// A note about the learning rate, if the schedule spans the whole run and a resume changed the number of epochs.
  /// - Parameters:
  ///   - earlier: The settings before the resume.
  ///   - step: The next step.
  package func noteOfSchedule(since earlier: Self, step: Int, stepsPerEpoch: Int) -> String? {
    guard case .cosine = training.schedule, epochs != earlier.epochs, step > 0 else { return nil }
    let rates = [earlier, self].map { Float($0.learningRate(step: step, stepsPerEpoch: stepsPerEpoch)) }
    return "The cosine schedule now spans \(epochs.grouped) epochs, not \(earlier.epochs.grouped): the learning rate "
      + "continues at \(rates[1]) (it would have been \(rates[0])), as in a run of \(epochs.grouped) epochs from the start."
  }

  /// The settings with the fingerprints of the data that was read.
  /// - Throws: `RecurrentError.invalidData` if the data is not that of the run that is resumed.
  func checked(_ data: [(place: String, fingerprint: String)]) throws -> Self {
    for ((place, new), old) in zip(data, fingerprints) where old != new {
      throw RecurrentError(
        .invalidData, "is not the data of the start of the run", at: place,
        remedy: "give the same data, or start a new run in another folder")
    }
    var settings = self
    settings.fingerprints = data.map(\.fingerprint)
    return settings
  }
}

// MARK: - In a checkpoint

extension TrainingSettings {
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
    return OptionValues(Joined(run, options))
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
  ///   - place: The model, for errors.
  /// - Throws: `RecurrentError.invalidModel` if they are damaged, or of another task.
  package init(json: String, of command: String, from place: String) throws {
    let record: Record
    do {
      record = try Record(json: json)
    } catch {
      throw RecurrentError(
        .invalidModel, "the checkpoint has no settings for recur train \(command)", at: place,
        remedy: "resume with the version of recur that wrote it")
    }
    let damaged = { (what: String) in
      RecurrentError(
        .invalidModel, "the checkpoint's settings are damaged: \(what)", at: place,
        remedy: "start a new run in another folder")
    }
    do {
      let joined = try Joined<RunOptions, Options>.parse(record.options.arguments)
      guard joined.first.data?.isEmpty == false else { throw damaged("--data is missing") }
      self.init(joined.first, joined.second, fingerprints: record.fingerprints)
      try check()
    } catch let error as RecurrentError {
      throw error.kind == .invalidModel ? error : damaged("\(error.place ?? ""): \(error.what)")
    } catch {
      throw damaged(Joined<RunOptions, Options>.message(for: error).withoutParserPrefix)
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
