import ArgumentParser
import Recurrent

/// How the recurrent parameters start, by its name.
enum Initialization: String, ExpressibleByArgument, CaseIterable, Codable {
  case standard, orthogonal

  func make(_ model: ModelConfiguration) -> RecurrentInitialization {
    switch self {
    case .standard: .standard(hidden: model.hidden)
    case .orthogonal: .orthogonal(model.kind)
    }
  }
}
