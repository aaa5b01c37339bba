import ArgumentParser
import RecurrentCore

/// The allowed values of an option: a range of numbers.
package struct AllowedValues<Number: Comparable & Sendable & ExpressibleByArgument>: Sendable {
  fileprivate let contains: @Sendable (Number) -> Bool
  /// The range as text: `1 to 1024`.
  fileprivate let text: String

  /// A closed range.
  package static func range(_ range: ClosedRange<Number>) -> Self {
    Self(contains: { range.contains($0) }, text: "\(shown(range.lowerBound)) to \(shown(range.upperBound))")
  }

  /// A finite number of at least `least`.
  package static func atLeast(_ least: Number) -> Self {
    Self(contains: { $0 >= least && !isInfinite($0) }, text: "\(shown(least)) or more")
  }

  /// A finite number above `bound`.
  package static func above(_ bound: Number) -> Self {
    Self(contains: { $0 > bound && !isInfinite($0) }, text: "more than \(shown(bound))")
  }

  /// A number above `bound`, and at most `most`.
  package static func above(_ bound: Number, atMost most: Number) -> Self {
    Self(contains: { $0 > bound && $0 <= most }, text: "more than \(shown(bound)), and at most \(shown(most))")
  }

  /// A half-open range.
  package static func range(_ range: Range<Number>) -> Self {
    Self(
      contains: { range.contains($0) },
      text: "\(shown(range.lowerBound)) or more, and less than \(shown(range.upperBound))")
  }

  private static func isInfinite(_ number: Number) -> Bool { (number as? any FloatingPoint)?.isInfinite ?? false }

  private static func shown(_ number: Number) -> String {
    switch number {
    case let number as Int: number.grouped
    case let number as Double: Float(number).description.droppingFraction
    default: number.defaultValueDescription.droppingFraction
    }
  }

  /// The help of an option, which may end in `(default: …)`, with the range.
  fileprivate func help(_ help: String) -> String {
    guard let mark = help.firstRange(of: " (default: ") else { return "\(help) (\(text))" }
    return help[..<mark.lowerBound] + " (\(text); default: " + help[mark.upperBound...]
  }

  /// The number of an argument.
  /// - Throws: `RecurrentError.invalidArgument` if it is none, or out of range.
  fileprivate func number(_ argument: String) throws -> Number {
    guard let number = Number(argument: argument) else {
      throw RecurrentError(
        .invalidArgument, "\(argument.shown) is not a \(Number.self is any BinaryInteger.Type ? "whole " : "")number",
        remedy: "use \(text)")
    }
    guard contains(number) else {
      throw RecurrentError(.invalidArgument, "\(argument.shown) is out of range", remedy: "use \(text)")
    }
    return number
  }
}

extension String {
  fileprivate var droppingFraction: String { hasSuffix(".0") ? String(dropLast(2)) : self }
}

extension Option {
  /// A numeric option with a default.
  package init(wrappedValue: Value, _ help: String, _ allowed: AllowedValues<Value>)
  where Value: Comparable & Sendable & ExpressibleByArgument {
    self.init(
      wrappedValue: wrappedValue, parsing: .unconditional,
      help: .number(
        allowed.help("\(help) (default: \(wrappedValue.defaultValueDescription.droppingFraction))"), Value.self),
      transform: allowed.number)
  }

  /// An optional numeric option.
  package init<Number>(_ help: String, _ allowed: AllowedValues<Number>) where Value == Number? {
    self.init(parsing: .unconditional, help: .number(allowed.help(help), Number.self), transform: allowed.number)
  }

  /// An optional choice.
  /// - Parameter fallback: The default, for help: with one of its own, the parser would print the values behind it.
  package init<Choice: ExpressibleByArgument>(_ help: String, default fallback: String) where Value == Choice? {
    let values = Choice.allValueStrings
    self.init(
      parsing: .unconditional,
      help: ArgumentHelp("\(help) (values: \(values.joined(separator: ", ")); default: \(fallback))"),
      completion: Choice.defaultCompletionKind
    ) { argument in
      guard let choice = Choice(argument: argument) else {
        throw RecurrentError(.invalidArgument, "unknown value \(argument.shown)", remedy: "use \(values.alternatives)")
      }
      return choice
    }
  }
}

extension ArgumentHelp {
  /// The help of a numeric option: `<n>` for integers, else `<x>`.
  fileprivate static func number(_ text: String, _ type: (some Any).Type) -> Self {
    Self(text, valueName: type is any BinaryInteger.Type ? "n" : "x")
  }

  /// The help of an option with the path of a file.
  package static func file(_ text: String) -> Self { Self(text, valueName: "file") }

  /// The help of an option with the path of a folder.
  package static func folder(_ text: String) -> Self { Self(text, valueName: "folder") }
}

extension String {
  /// A parser message in the form of an error, without the parser's prefix.
  package var withoutParserPrefix: String {
    guard let match = wholeMatch(of: /The value '(.*)' is invalid for '(--[a-z-]+) <[a-z-]+>'(.*)/.dotMatchesNewlines())
    else { return hasSuffix(".") ? String(dropLast()) : self }
    let (value, option, rest) = (match.1, match.2, match.3)
    if rest.hasPrefix(": ") { return String(option + rest) }
    // The allowed values follow: a few in quotes, or many as a list, a line each.
    let quoted = rest.matches(of: /'([^']*)'/).map(\.1)
    let values = quoted.isEmpty ? rest.matches(of: /- (\S+)/).map(\.1) : quoted
    guard !values.isEmpty else { return "\(option): \(value.shown) is not valid" }
    return "\(option): unknown value \(value.shown); use \(values.map(String.init).alternatives)"
  }
}

extension [String] {
  /// The values joined by commas, and `or` before the last.
  fileprivate var alternatives: String {
    count > 1 ? dropLast().joined(separator: ", ") + " or " + self[count - 1] : joined()
  }
}

// MARK: - Checks of several options together

/// Rejects an option that has no effect with the other options.
/// - Throws: `RecurrentError.invalidArgument` that names the option.
package func requireUse(_ isUsed: Bool, _ option: String, _ what: String, remedy: String) throws {
  guard isUsed else { throw RecurrentError(.invalidArgument, what, at: option, remedy: remedy) }
}

/// The value of a required option.
///
/// Required options are declared as optional: the parser would report a missing option before a misspelt one.
/// - Throws: `RecurrentError.invalidArgument` that names the option.
package func required(_ value: String?, _ option: String, remedy: String = "name a file") throws -> String {
  guard let value, !value.isEmpty else {
    throw RecurrentError(.invalidArgument, "is missing", at: option, remedy: remedy)
  }
  return value
}

/// Rejects a number whose range depends on the data.
/// - Throws: `RecurrentError.invalidArgument` that names the option.
package func require(_ condition: Bool, _ option: String, _ value: Any, _ remedy: String) throws {
  guard condition else {
    throw RecurrentError(.invalidArgument, "\(value) is out of range", at: option, remedy: remedy)
  }
}
