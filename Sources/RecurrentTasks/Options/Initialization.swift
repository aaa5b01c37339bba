import ArgumentParser
import RecurrentModel

/// How the recurrent parameters start, by its name.
package enum Initialization: String, ExpressibleByArgument, CaseIterable {
  case standard, orthogonal, identity, keras

  /// A model whose weights will start like this.
  func makeModel<Configuration: ModelConfiguration>(
    _ configuration: Configuration, _ network: NetworkConfiguration
  ) throws -> Configuration.Model {
    let recurrent: RecurrentInitialization? =
      switch (self, network.kind) {
      case (.orthogonal, let kind?): .orthogonal(kind)
      case (.identity, _): .identity()
      default: nil
      }
    let model = try configuration.makeModel(initialization: recurrent)
    if self == .keras { model.initializeAsKeras() }
    return model
  }
}
