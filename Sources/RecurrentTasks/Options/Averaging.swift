import ArgumentParser
import RecurrentModel

/// The averaging of weights on the command line.
package enum Averaging: ExpressibleByArgument, Hashable, Sendable {
  case none
  case exponential(decay: Float)
  case lastEpochs(Int)

  package static let allValueStrings = ["0", "DECAY", "epochs:N"]

  package init?(argument: String) {
    if argument.hasPrefix("epochs:") {
      guard let epochs = Int(argument.dropFirst(7)), epochs >= 1 else { return nil }
      self = .lastEpochs(epochs)
    } else {
      guard let decay = Float(argument), decay >= 0, decay < 1 else { return nil }
      self = decay == 0 ? .none : .exponential(decay: decay)
    }
  }

  package var defaultValueDescription: String {
    switch self {
    case .none: "0"
    case .exponential(let decay): "\(decay)"
    case .lastEpochs(let epochs): "epochs:\(epochs)"
    }
  }

  /// The averaging of a trainer; nil for none.
  var weights: WeightAveraging? {
    switch self {
    case .none: nil
    case .exponential(let decay): .exponential(decay: decay)
    case .lastEpochs(let epochs): .lastEpochs(epochs)
    }
  }
}
