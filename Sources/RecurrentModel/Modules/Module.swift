/// Part of a model: parameters, and other modules that hold more.
///
/// Make a model of your own as a class that conforms, with its parts as stored properties: they are found by reflection and
/// named as the properties are, so that `head.weight` is what PyTorch calls it too.
/// ```swift
/// final class WordTagger: Module {
///   let words: Embedding, encoder: LSTM, head: Dense
///   func callAsFunction(_ tokens: Tokens) throws -> Tensor {
///     try head(encoder(words(tokens), lengths: tokens.lengths).outputs)
///   }
/// }
/// ```
public protocol Module: AnyObject, CustomStringConvertible {
  /// The parts by name, in order. Default: the stored properties that are parameters or modules, or arrays
  /// of them.
  var members: [Member] { get }
  /// The module's own line in `print(model)`, such as `Dense(256, 65)`.
  var summary: String { get }
}

/// A named part of a module.
public enum Member {
  /// Numbers that training changes.
  case parameter(String, Parameter)
  /// A module in a module.
  case module(String, any Module)
  /// A stored property that holds parts where they have no names: in a dictionary, a tuple or a struct.
  case unreachable(String)
}

/// A module that takes one tensor to another; `Sequential` strings them together.
public protocol Layer: Module {
  /// The layer's result.
  func forward(_ x: Tensor) throws -> Tensor
}

/// A parameter with its path in the model.
public struct NamedParameter {
  /// The path: `rnn.weight_ih_l0`.
  public let name: String
  /// The parameter.
  public let parameter: Parameter
}

extension Module {
  /// The stored properties, those of superclasses first.
  public var members: [Member] {
    var mirrors: [Mirror] = []
    var mirror: Mirror? = Mirror(reflecting: self)
    while let level = mirror {
      mirrors.insert(level, at: 0)
      mirror = level.superclassMirror
    }
    return mirrors.flatMap(\.children).flatMap { child in
      child.label.map { Self.members(child.value, label: $0) } ?? []
    }
  }

  private static func members(_ value: Any, label: String) -> [Member] {
    // A lazy property's storage is named after it, with a prefix.
    let prefix = "$__lazy_storage_$_"
    let name = label.hasPrefix(prefix) ? String(label.dropFirst(prefix.count)) : label
    switch value {
    case let parameter as Parameter: return [.parameter(name, parameter)]
    case let module as any Module: return [.module(name, module)]
    case let parameters as [Parameter]: return parameters.enumerated().map { .parameter("\(name).\($0)", $1) }
    case let modules as [any Module]: return modules.enumerated().map { .module("\(name).\($0)", $1) }
    default: return holdsParts(value) ? [.unreachable(name)] : []
    }
  }

  /// Whether a value that is not an object holds parameters or modules. Of many elements the first stands for all.
  private static func holdsParts(_ value: Any) -> Bool {
    if value is Parameter || value is any Module { return true }
    let mirror = Mirror(reflecting: value)
    switch mirror.displayStyle {
    case .tuple, .struct, .enum, .optional: return mirror.children.contains { holdsParts($0.value) }
    case .collection, .set, .dictionary: return mirror.children.first.map { holdsParts($0.value) } ?? false
    default: return false
    }
  }

  /// The type's name.
  public var summary: String { "\(Self.self)" }

  /// Every parameter once, with its path. A parameter that is shared has the path where it comes first.
  public var namedParameters: [NamedParameter] {
    var seen: Set<ObjectIdentifier> = []
    return allParameters.filter { seen.insert(ObjectIdentifier($0.parameter)).inserted }
  }

  /// Every parameter once.
  public var parameters: [Parameter] { namedParameters.map(\.parameter) }

  /// The number of parameters' elements.
  public var parameterCount: Int { parameters.reduce(0) { $0 + $1.count } }

  /// Every path to a parameter, shared ones as often as they occur.
  var allParameters: [NamedParameter] {
    members.flatMap { member in
      switch member {
      case .parameter(let name, let parameter): return [NamedParameter(name: name, parameter: parameter)]
      case .module(let name, let module):
        return module.allParameters.map { NamedParameter(name: name + "." + $0.name, parameter: $0.parameter) }
      case .unreachable: return []
      }
    }
  }

  /// Throws if a stored property holds parts that cannot be found.
  /// - Throws: `RecurrentError.invalidArgument`, which names the property.
  func checkMembers() throws {
    for member in members {
      switch member {
      case .parameter: continue
      case .module(_, let module): try module.checkMembers()
      case .unreachable(let name):
        throw RecurrentError(
          .invalidArgument, "the property \(name) holds parameters or modules that get no name", at: "\(Self.self)",
          remedy: "keep them as properties or arrays of their own, or write `members`")
      }
    }
  }

  /// Keeps training from changing any of the parameters.
  public func freeze() { parameters.forEach { $0.isFrozen = true } }

  /// Lets training change all of the parameters.
  public func unfreeze() { parameters.forEach { $0.isFrozen = false } }

  /// Draws all parameters anew, each from a stream of its own: the same values for the same seed and structure.
  public func initialize(seed: UInt64) throws {
    try checkMembers()
    for (index, parameter) in parameters.enumerated() { try parameter.draw(seed: seed, index: index) }
  }
}
