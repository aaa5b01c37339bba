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

  /// The number of an argument.
  /// - Throws: `RecurrentError.invalidArgument` if it is none, or out of range.
  fileprivate func number(_ argument: String) throws -> Number {
    guard let number = Number(argument: argument) else {
      throw RecurrentError(
        .invalidArgument, "\(argument.shown) is not a \(Number.self == Int.self ? "whole " : "")number",
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
      help: .number("\(help) (default: \(wrappedValue.defaultValueDescription.droppingFraction))", Value.self),
      transform: allowed.number)
  }

  /// An optional numeric option.
  package init<Number>(_ help: String, _ allowed: AllowedValues<Number>) where Value == Number? {
    self.init(parsing: .unconditional, help: .number(help, Number.self), transform: allowed.number)
  }
}

extension ArgumentHelp {
  /// The help of a numeric option: `<n>` for integers, else `<x>`.
  package static func number(_ text: String, _ type: (some Any).Type) -> Self {
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
    // Of many values the parser makes a list, a line each.
    if let list = firstRange(of: "following:\n") {
      let values = self[list.upperBound...].split(separator: "\n").map { $0.drop { " -".contains($0) } }
      return self[..<list.upperBound].dropLast() + " " + values.joined(separator: ", ")
    }
    guard let match = firstMatch(of: /^The value '.*' is invalid for '(--[a-z-]+) <[a-z-]+>': (.*)$/) else {
      return hasSuffix(".") ? String(dropLast()) : self
    }
    return "\(match.1): \(match.2)"
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
