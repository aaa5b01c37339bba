import ArgumentParser

/// The values of a group of options by name, as on the command line; stored in checkpoints.
///
/// They are read from the declarations themselves, so that an option is declared once: its property in a group gives its name,
/// default, help, range, its key in YAML files and in checkpoints, and what a resumed run compares.
package struct OptionValues: Hashable, Codable, Sendable {
  /// The value of an option.
  enum Value: Hashable, Sendable {
    case text(String)
    case flag(Bool)
  }

  /// The options with a value, the flags that are set, and those that are not set but are by default.
  private(set) var values: [String: Value]

  init(_ values: [String: Value]) { self.values = values }

  /// The values of groups and their subgroups.
  package init(_ groups: any ParsableArguments...) {
    values = [:]
    for group in groups { add(group) }
  }

  /// The names of all options of a group.
  package static func names<Options: ParsableArguments>(of _: Options.Type) -> Set<String> {
    (try? Options.parse([])).map { names(in: $0) } ?? []
  }

  private static func names(in options: any ParsableArguments) -> Set<String> {
    Mirror(reflecting: options).children.reduce(into: []) { names, child in
      if let group = child.value as? any DeclaredGroup { names.formUnion(Self.names(in: group.options)) }
      if child.value is any DeclaredOption, let label = child.label { names.insert(label.dropFirst().inKebabCase) }
    }
  }

  private mutating func add<Options: ParsableArguments>(_ options: Options) {
    values.merge(Self.values(in: options)) { $1 }
    guard let defaults = try? Options.parse([]) else { return }
    for (name, value) in Self.values(in: defaults) where value == .flag(true) && values[name] == nil {
      values[name] = .flag(false)
    }
  }

  /// The values of a group but for flags that are not set.
  private static func values(in options: any ParsableArguments) -> [String: Value] {
    Mirror(reflecting: options).children.reduce(into: [:]) { values, child in
      switch child.value {
      case let group as any DeclaredGroup: values.merge(Self.values(in: group.options)) { $1 }
      case let option as any DeclaredOption:
        // A wrapped property's storage has an underscore before its name.
        if let label = child.label { values[label.dropFirst().inKebabCase] = option.value }
      default: break
      }
    }
  }

  /// The values as arguments of a command.
  package var arguments: [String] {
    values.sorted { $0.key < $1.key }.map { name, value in
      switch value {
      case .text(let text): "--\(name)=\(text)"
      case .flag(true): "--\(name)"
      case .flag(false): "--no-\(name)"
      }
    }
  }

  /// The first option, by name, with a different value in `other`.
  package func firstDifference(from other: OptionValues) -> String? {
    Set(values.keys).union(other.values.keys).sorted().first { values[$0] != other.values[$0] }
  }

  /// The values, with those of `other` in place of `auto`, which matches any detected value.
  package func resolvingAuto(by other: OptionValues) -> OptionValues {
    OptionValues(
      values.reduce(into: values) { values, option in
        if option.value == .text("auto") { values[option.key] = other.values[option.key] }
      })
  }

  /// The first option, by name, that has a value.
  package var firstName: String? { values.keys.min() }
}

extension OptionValues.Value: Codable {
  init(from decoder: any Decoder) throws {
    let value = try decoder.singleValueContainer()
    self = try (try? value.decode(Bool.self)).map(Self.flag) ?? .text(value.decode(String.self))
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .text(let text): try container.encode(text)
    case .flag(let isSet): try container.encode(isSet)
    }
  }
}

extension OptionValues {
  package init(from decoder: any Decoder) throws {
    values = try decoder.singleValueContainer().decode([String: Value].self)
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(values)
  }
}

// MARK: - Declarations

/// A property that declares an option or a flag.
private protocol DeclaredOption {
  /// The value; nil if it is not set.
  var value: OptionValues.Value? { get }
}

/// A property that declares a group of options.
private protocol DeclaredGroup {
  var options: any ParsableArguments { get }
}

extension Option: DeclaredOption {
  fileprivate var value: OptionValues.Value? { argumentText(wrappedValue).map(OptionValues.Value.text) }
}

extension Flag: DeclaredOption {
  fileprivate var value: OptionValues.Value? {
    // A flag that is on, off, or neither is optional.
    if let isSet = wrappedValue as? Bool, Value.self == Bool.self { return isSet ? .flag(true) : nil }
    return (wrappedValue as? Bool?).flatMap { $0 }.map(OptionValues.Value.flag)
  }
}

extension OptionGroup: DeclaredGroup {
  fileprivate var options: any ParsableArguments { wrappedValue }
}

/// A value as an argument; nil for nil.
private func argumentText(_ value: Any) -> String? {
  switch value {
  case let value as any ExpressibleByArgument: value.defaultValueDescription
  case let optional as any OptionalValue: optional.wrapped.flatMap(argumentText)
  default: nil
  }
}

private protocol OptionalValue {
  var wrapped: Any? { get }
}

extension Optional: OptionalValue {
  fileprivate var wrapped: Any? { map { $0 } }
}

extension StringProtocol {
  /// The option name of a property: `learning-rate` for `learningRate`.
  var inKebabCase: String {
    reduce(into: "") { name, letter in
      name += letter.isUppercase ? "-" + letter.lowercased() : String(letter)
    }
  }
}
