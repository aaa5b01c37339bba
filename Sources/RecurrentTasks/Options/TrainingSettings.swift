import ArgumentParser
import RecurrentCore
import RecurrentModel

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// The options of a task: what decides a run beside the data, and cannot be changed when it is resumed.
package protocol TaskOptions: ParsableArguments {
  var network: NetworkOptions { get set }
  var training: TrainingOptions { get }
  var validation: ValidationOptions { get set }

  /// The options that describe the model beside those of the network: a model that is given (`--from`) has its own.
  static var describingModel: Set<String> { get }

  /// Checks options together.
  /// - Parameter validates: Whether there is validation data.
  /// - Throws: `RecurrentError.invalidArgument` that names an option that does not fit the others.
  func check(validates: Bool) throws
  /// Gives options whose default depends on others that default, so that a checkpoint has them.
  mutating func resolveDefaults()
}

extension TaskOptions {
  package mutating func resolveDefaults() { network.resolveDefaults() }
}

/// All that decides a run but the device: a checkpoint keeps it, so that a resume needs no options.
package struct TrainingSettings<Options: TaskOptions> {
  /// What a resume may change.
  package var run: RunOptions
  /// What it may not.
  package var options: Options
  /// Tell whether the data to train and to validate on are still those that the run began with.
  package var fingerprints: [String] = []

  /// The training data.
  package var data: String { run.data ?? "" }
  /// The validation data, where it is a file of its own.
  package var validation: String? { run.validation }
  /// The part of the training data that is for validation.
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

  /// A note that a warm-up is longer than the run, in which the learning rate then only rises.
  package func noteOfWarmUp(stepsPerEpoch: Int) -> String? {
    guard case .cosine(let warmUp) = training.schedule, warmUp >= stepsPerEpoch * epochs else { return nil }
    return
      "The warm-up of \(warmUp.grouped) steps is not shorter than the training of \((stepsPerEpoch * epochs).grouped) steps"
      + ": the learning rate never falls."
  }

  /// A note about the learning rate, if the schedule spans the whole run and a resume has changed its epochs.
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

  /// The options' values by name, defaults that depend on others among them.
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

  /// The settings of a run that a checkpoint is of.
  /// - Parameters:
  ///   - command: The command that began it, behind `recur train`.
  ///   - place: What errors call the model.
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

/// Two groups of options as one.
package struct Joined<First: ParsableArguments, Second: ParsableArguments>: ParsableArguments {
  @OptionGroup package var first: First
  @OptionGroup package var second: Second

  package init() {}

  package init(_ first: First, _ second: Second) { (self.first, self.second) = (first, second) }
}
