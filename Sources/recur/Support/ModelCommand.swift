import ArgumentParser
import Recurrent
import RecurrentTasks

/// A command for a model in a folder, with options of the model's task: `evaluate`, `predict`, `inspect`.
///
/// The options for all models, which include the folder, are parsed first, then those of the folder's task.
protocol ModelCommand: ParsableCommand {
  /// The options for all models.
  associatedtype Options: ModelOptions

  var options: Options { get }

  /// The options that a task adds.
  static func added<T: Task>(by _: T.Type) -> any ParsableArguments.Type
  /// Runs the command for a task's model.
  /// - Parameter words: The arguments on the command line.
  func run<T: Task>(_: T.Type, _ folder: ModelFolder, _ words: [String]) throws
}

protocol ModelOptions: ParsableArguments {
  var source: ModelFolderOptions { get }
}

/// The folder of a model.
struct ModelFolderOptions: ParsableArguments {
  @Option(help: .folder("Model folder (required)."))
  var model: String?

  /// - Throws: `RecurrentError.invalidArgument` if it is missing.
  func folder() throws -> ModelFolder { try ModelFolder(required(model, "--model", remedy: "name a folder")) }
}

extension ModelCommand {
  func run() throws {
    let words = Invocation.current.words
    // Without --model the task is unknown. An option of no task is reported first: it may be a misspelt --model.
    if options.source.model == nil, let fault = Self.fault(of: words) { throw fault }
    let folder = try options.source.folder()
    try run(folder.task(), folder, words)
  }

  /// The error of arguments that are invalid for all tasks; nil if a task accepts them.
  private static func fault(of words: [String]) -> (any Error)? {
    func fault<Added: ParsableArguments>(_: Added.Type) -> (any Error)? {
      do { _ = try Joined<Options, Added>.parse(words) } catch { return error }
      return nil
    }
    let faults = tasks.map { fault(added(by: $0)) }
    return faults.contains { $0 == nil } ? nil : faults[0]
  }

  /// Parses the options for all models, and those of a task.
  func parsed<T: Task, Added: ParsableArguments>(_: T.Type, _: Added.Type, _ words: [String]) throws
    -> (options: Options, added: Added)
  {
    do {
      let joined = try Joined<Options, Added>.parse(words)
      return (joined.first, joined.second)
    } catch {
      let message = Joined<Options, Added>.message(for: error)
      if let name = message.firstMatch(of: /^Unknown option '--([a-z-]+)/)?.1 {
        try refuse(String(name), T.models)
      }
      throw error
    }
  }

  /// - Throws: `RecurrentError.invalidArgument` if an option is for the models of other tasks.
  private func refuse(_ name: String, _ models: String) throws {
    let others = tasks.filter { OptionValues.names(of: Self.added(by: $0)).contains(name) }.map { $0.models }
    guard others.isEmpty else {
      throw RecurrentError(
        .invalidArgument, "applies to \(others.joined(separator: " and ")), not to \(models)", at: "--\(name)",
        remedy: "leave it out")
    }
  }

  /// The help of the options that tasks add. It is empty unless help is requested, since each start of the program
  /// creates the texts of all commands, and these take longer than the rest of it.
  static var helpOfTasks: String {
    guard CommandLine.arguments.contains(where: { $0 == "-h" || $0.contains("help") }) else { return "" }
    return tasks.compactMap { task in
      let options = help(of: added(by: task))
      return options.isEmpty ? nil : "OPTIONS FOR \(task.models.uppercased()):\n\(options)"
    }.joined(separator: "\n\n")
  }

  private static func help(of options: any ParsableArguments.Type) -> String {
    let lines = options.helpMessage(columns: 79).split(separator: "\n", omittingEmptySubsequences: false)
    return lines.drop { !$0.hasPrefix("  -") }.prefix { !$0.hasPrefix("  -h, --help") }.joined(separator: "\n")
  }
}

/// A paragraph per task, for help.
func paragraphs(_ text: (any Task.Type) -> String?) -> String {
  tasks.compactMap { task in text(task).map { "For \(task.models): \($0)" } }.joined(separator: "\n\n")
}

extension ModelFolder {
  /// The task of the folder's model.
  /// - Throws: `RecurrentError.invalidModel` if there is no model, or one of a version that has other tasks.
  func task() throws -> any Task.Type {
    let name = try taskName()
    guard let task = tasks.first(where: { $0.modelTask == name }) else {
      throw RecurrentError(
        .invalidModel, "has format 1 and task \(name.shown)", at: path + "/config.json",
        remedy: "use the version of recur that wrote it")
    }
    return task
  }

  /// - Parameter remedy: What to do with a model of another task.
  /// - Throws: `RecurrentError.invalidModel` if the folder's model is of another task; as `task()`.
  func require<T: Task>(_: T.Type, else remedy: (any Task.Type) -> String) throws {
    let task = try task()
    guard task.modelTask == T.modelTask else { throw fault(task, remedy: remedy(task)) }
  }

  /// The error of a command that has no use for models of a task.
  func fault(_ task: any Task.Type, remedy: String) -> RecurrentError {
    RecurrentError(.invalidModel, "is a \(task.noun)", at: path, remedy: remedy)
  }

  /// The call of a command for this folder.
  func call(_ command: String) -> String { "\(command) --model \(path.shellQuoted)" }
}
