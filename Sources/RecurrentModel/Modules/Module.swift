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
  /// The parts by name, in order. Default: the stored properties that are parameters or modules, or arrays of them; what a
  /// weak or unowned property refers to (a parent) is no part.
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
  /// - Throws: `RecurrentError.shapeMismatch` for an input that the layer does not take.
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

  /// Every parameter once, with its path. A parameter that is shared has the path where it comes first.
  public var namedParameters: [NamedParameter] {
    var seen: Set<ObjectIdentifier> = []
    return allParameters.filter { seen.insert(ObjectIdentifier($0.parameter)).inserted }
  }

  /// Every parameter once.
  public var parameters: [Parameter] { namedParameters.map(\.parameter) }

  /// The parameter of a name: `try model["rnn.weight_ih_l0"]`. A shared one has several.
  /// - Throws: `RecurrentError.invalidArgument`, which lists the names, if there is none.
  public subscript(name: String) -> Parameter {
    get throws {
      let all = allParameters
      if let named = all.first(where: { $0.name == name }) { return named.parameter }
      let below = all.map(\.name).filter { $0.hasPrefix(name + ".") }
      throw RecurrentError(
        .invalidArgument, "there is no parameter named \(name.shown)", at: "\(Self.self)",
        remedy: all.isEmpty
          ? "the model has no parameters"
          : below.isEmpty ? "the parameters are " + all.map(\.name).listed : "below it are " + below.listed)
    }
  }

  /// The number of parameters' elements.
  public var parameterCount: Int { parameters.map(\.count).saturatingSum }

  /// Every path to a parameter, shared ones as often as they occur.
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

  /// Keeps training from changing any of the parameters, as `requires_grad_(False)` does in PyTorch.
  public func freeze() { parameters.forEach { $0.isFrozen = true } }

  /// Lets training change all of the parameters.
  public func unfreeze() { parameters.forEach { $0.isFrozen = false } }

  /// Draws all parameters anew, each from a stream of its own: the same values for the same seed and structure.
  /// - Throws: `RecurrentError.invalidArgument` if parts of the model get no name, `.outOfMemory`.
  public func initialize(seed: UInt64) throws {
    try checkMembers()
    for (index, parameter) in parameters.enumerated() { try parameter.draw(seed: seed, index: index) }
  }
}
