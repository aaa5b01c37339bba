import Foundation
import RecurrentTasks

@testable import recur

/// Tables of the options that commands declare, as Markdown.
struct OptionTables {
  /// By the command that takes the options; those for models of a task by `recur evaluate for classifiers`, and those of all
  /// commands that compute by `device`.
  let rows: [String: [String]]

  init() throws {
    let root = try Self.command(Recur._dumpHelp())
    var rows = ["device": Self.rows(of: root.subcommand("generate")) { $0.sectionTitle == Self.device }]
    Self.add(root, name: "recur", to: &rows)
    for task in tasks { try Self.add(task, to: &rows) }
    self.rows = rows.filter { !$0.value.isEmpty }
  }

  /// A table as a marker names it.
  /// - Parameter marker: The name of a table; behind `, beside` that of another, whose rows are left out.
  func table(_ marker: String) throws -> String {
    let names = marker.components(separatedBy: ", beside ")
    guard let own = rows[names[0]] else { throw Missing(name: names[0]) }
    let others = try names.dropFirst().flatMap { name in
      guard let rows = rows[name] else { throw Missing(name: name) }
      return rows
    }
    let heading = ["| option | default | description |", "|---|---|---|"]
    return (heading + own.filter { !others.contains($0) }).joined(separator: "\n")
  }

  /// There is no such table.
  struct Missing: Error { let name: String }

  // MARK: Declarations

  private static let device = "Device"

  /// What `_dumpHelp` says of a command.
  private struct Command: Decodable {
    let commandName: String, subcommands: [Command]?, arguments: [Argument]?

    func subcommand(_ name: String) -> Command? { subcommands?.first { $0.commandName == name } }
  }

  private struct Argument: Decodable {
    struct Name: Decodable { let kind: String, name: String }
    let kind: String, shouldDisplay: Bool, sectionTitle: String?, names: [Name]?, valueName: String?
    let defaultValue: String?, allValues: [String]?, abstract: String?
  }

  private static func command(_ json: String) throws -> Command {
    struct Tool: Decodable { let command: Command }
    return try JSONDecoder().decode(Tool.self, from: Data(json.utf8)).command
  }

  private static func add(_ command: Command, name: String, to all: inout [String: [String]]) {
    all[name] = rows(of: command) { $0.sectionTitle != device }
    for subcommand in command.subcommands ?? [] where subcommand.commandName != "help" {
      add(subcommand, name: "\(name) \(subcommand.commandName)", to: &all)
    }
  }

  private static func add<T: Task>(_: T.Type, to all: inout [String: [String]]) throws {
    let added = [
      ("evaluate", T.Evaluation._dumpHelp()), ("predict", T.Prediction._dumpHelp()), ("inspect", T.Flow._dumpHelp()),
    ]
    for (command, help) in added {
      all["recur \(command) for \(T.models)"] = try rows(of: Self.command(help)) { _ in true }
    }
  }

  // MARK: Rows

  private static func rows(of command: Command?, where isTaken: (Argument) -> Bool) -> [String] {
    let taken = (command?.arguments ?? []).filter {
      $0.kind != "positional" && $0.shouldDisplay && isTaken($0)
        && ($0.names ?? []).allSatisfy { !["help", "version"].contains($0.name) }
    }
    return taken.map { row($0, taken) }.uniqued
  }

  private static func row(_ argument: Argument, _ all: [Argument]) -> String {
    var names = (argument.names ?? []).map { ($0.kind == "short" ? "-" : "--") + $0.name }
    var (help, defaultValue, values) = (argument.abstract ?? "", argument.defaultValue, argument.allValues)
    // A flag and its inversion have one help, and one of them the default.
    if argument.kind == "flag" {
      let same = all.filter { $0.abstract == argument.abstract }
      names = same.flatMap { $0.names ?? [] }.map { ($0.kind == "short" ? "-" : "--") + $0.name }
      defaultValue = same.lazy.compactMap(\.defaultValue).first
    }
    if let match = help.firstMatch(
      of: #/ \((?:values: (?<values>[^;)]*); |(?<range>[^():;]*); )?default: (?<default>.*)\)$/#)
    {
      defaultValue = String(match.output.default)
      if let listed = match.output.values { values = listed.components(separatedBy: ", ") }
      help.replaceSubrange(match.range, with: match.output.range.map { " (\($0))" } ?? "")
    }
    if argument.kind == "option" {
      names[0] += " " + (values?.joined(separator: "\\|") ?? (argument.valueName ?? "").uppercased())
    }
    let option = names.map { "`\($0)`" }.joined(separator: ", ")
    return "| \(option) | \((defaultValue ?? "").withCode) | \(help.withCode) |"
  }
}

extension String {
  /// Options, environment variables and symbols such as `<eos>` in the text as code.
  fileprivate var withCode: String {
    replacing("|", with: "\\|").replacing(#/--[a-z][a-z-]*|<[a-z]+>|\$[A-Z_]+/#) { "`\($0.output)`" }
  }
}

extension [String] {
  fileprivate var uniqued: [String] { enumerated().filter { firstIndex(of: $0.element) == $0.offset }.map(\.element) }
}
