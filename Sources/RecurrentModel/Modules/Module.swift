import RecurrentCore

/// A part of a model, with parameters and submodules.
///
/// Define a model as a class that conforms, with its parts as stored properties: they are found by reflection and named
/// after the properties, so that `head.weight` has the same name as in PyTorch.
/// ```swift
/// final class WordTagger: Module {
///   let words: Embedding, encoder: LSTM, head: Dense
///   func callAsFunction(_ tokens: Tokens) throws -> Tensor {
///     try head(encoder(words(tokens), lengths: tokens.lengths).outputs)
///   }
/// }
/// ```
public protocol Module: AnyObject, CustomStringConvertible {
  /// The named parts, in order. Default: the stored properties that are parameters or modules, or arrays of them; weak
  /// and unowned properties (a parent) are not parts.
  var members: [Member] { get }
  /// The module's line in `print(model)`, such as `Dense(256, 65)`.
  var summary: String { get }
}

/// A named part of a module.
public enum Member {
  /// A trainable parameter.
  case parameter(String, Parameter)
  /// A submodule.
  case module(String, any Module)
  /// A stored property whose parts get no names: a dictionary, a tuple or a struct.
  case unreachable(String)
}

/// A module from one tensor to one tensor; `Sequential` chains layers.
public protocol Layer: Module {
  /// Applies the layer.
  /// - Throws: `RecurrentError.shapeMismatch` if the input does not match the layer.
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
  /// The type's name.
  public var summary: String { "\(Self.self)" }

  /// Every parameter once, with its path. A shared parameter has the path of its first occurrence.
  public var namedParameters: [NamedParameter] {
    var seen: Set<ObjectIdentifier> = []
    return allParameters.filter { seen.insert(ObjectIdentifier($0.parameter)).inserted }
  }

  /// Every parameter once.
  public var parameters: [Parameter] { namedParameters.map(\.parameter) }

  /// The parameter of this name: `try model["rnn.weight_ih_l0"]`. A shared parameter has several names.
  /// - Throws: `RecurrentError.invalidArgument`, with the names, if there is no such parameter.
  public subscript(name: String) -> Parameter {
    get throws {
      let all = allParameters
      if let named = all.first(where: { $0.name == name }) { return named.parameter }
      let below = all.map(\.name).filter { $0.hasPrefix(name + ".") }
      throw RecurrentError(
        .invalidArgument, "unknown parameter \(name.shown)", at: "\(Self.self)",
        remedy: all.isEmpty
          ? "the model has no parameters"
          : below.isEmpty ? "the parameters are " + all.map(\.name).listed : "its parameters are " + below.listed)
    }
  }

  /// The number of parameters, in elements.
  public var parameterCount: Int { parameters.map(\.count).saturatingSum }

  /// Every path to a parameter; shared parameters have several.
  var allParameters: [NamedParameter] { allParameters(below: []) }

  private func allParameters(below above: [ObjectIdentifier]) -> [NamedParameter] {
    let (members, above) = members(below: above)
    return members.flatMap { member in
      switch member {
      case .parameter(let name, let parameter): return [NamedParameter(name: name, parameter: parameter)]
      case .module(let name, let module):
        return module.allParameters(below: above).map {
          NamedParameter(name: name + "." + $0.name, parameter: $0.parameter)
        }
      case .unreachable: return []
      }
    }
  }

  /// Freezes all parameters, so that training does not change them, as `requires_grad_(False)` in PyTorch.
  public func freeze() { parameters.forEach { $0.isFrozen = true } }

  /// Unfreezes all parameters.
  public func unfreeze() { parameters.forEach { $0.isFrozen = false } }

  /// Reinitializes all parameters, each from a separate random stream: the same values for the same seed and
  /// structure.
  /// - Throws: `RecurrentError.invalidArgument` if parts of the model have no name; `.outOfMemory`.
  public func initialize(seed: UInt64) throws {
    try checkMembers()
    for (index, parameter) in parameters.enumerated() { try parameter.draw(seed: seed, index: index) }
  }
}
