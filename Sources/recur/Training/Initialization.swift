import ArgumentParser
import Recurrent

/// How the recurrent parameters start, by its name.
enum Initialization: String, ExpressibleByArgument, CaseIterable, Codable {
  case standard, orthogonal, identity

  /// For a network's recurrent layers; nil if it has none.
  func make(_ network: NetworkConfiguration) -> RecurrentInitialization? {
    network.kind.map { kind in
      switch self {
      case .standard: .standard(hidden: network.hidden)
      case .orthogonal: .orthogonal(kind)
      case .identity: .identity()
      }
    }
  }
}
