import ArgumentParser
import RecurrentModel

/// The initialization of a model's weights, by its name.
package enum Initialization: Hashable, Sendable {
  case standard, orthogonal, identity, keras
  case uniform(Double)

  /// A model with this initialization.
  func makeModel<Configuration: ModelConfiguration>(
    _ configuration: Configuration, _ network: RecurrentConfiguration
  ) throws -> Configuration.Model {
    let recurrent: RecurrentInitialization? =
      switch (self, network.kind) {
      case (.orthogonal, let kind?): .orthogonal(kind)
      case (.identity, _): .identity()
      default: nil
      }
    let model = try configuration.makeModel(initialization: recurrent)
    switch self {
    case .keras: model.initializeAsKeras()
    case .uniform(let range): model.initializeUniformly(within: range)
    case .standard, .orthogonal, .identity: break
    }
    return model
  }
}

extension Initialization: ExpressibleByArgument {
  package static let allValueStrings = ["standard", "orthogonal", "identity", "keras", "uniform:RANGE"]
  package static let defaultCompletionKind = CompletionKind.list([
    "standard", "orthogonal", "identity", "keras", "uniform:",
  ])

  private static let names: KeyValuePairs<String, Initialization> = [
    "standard": .standard, "orthogonal": .orthogonal, "identity": .identity, "keras": .keras,
  ]

  package init?(argument: String) {
    if let named = Self.names.first(where: { $0.key == argument })?.value {
      self = named
    } else if argument.hasPrefix("uniform:"), let range = Double(argument.dropFirst(8)), range > 0, range.isFinite {
      self = .uniform(range)
    } else {
      return nil
    }
  }

  package var defaultValueDescription: String {
    if case .uniform(let range) = self { return "uniform:\(range)" }
    return Self.names.first { $0.value == self }?.key ?? ""
  }
}
