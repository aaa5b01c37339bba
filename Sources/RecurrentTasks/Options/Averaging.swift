import ArgumentParser
import RecurrentModel

/// The averaging of weights on the command line.
package struct Averaging: ExpressibleByArgument, Hashable, Sendable {
  /// The averaging of a trainer; nil for none.
  let weights: WeightAveraging?

  /// No averaging.
  static let none = Averaging(nil)

  /// An averaging; nil for none.
  init(_ weights: WeightAveraging?) { self.weights = weights }

  package static let allValueStrings = ["0", "DECAY", "epochs:N"]

  package init?(argument: String) {
    if argument.hasPrefix("epochs:") {
      guard let epochs = Int(argument.dropFirst(7)), epochs >= 1 else { return nil }
      self.init(.lastEpochs(epochs))
    } else {
      guard let decay = Float(argument), decay >= 0, decay < 1 else { return nil }
      self.init(decay == 0 ? nil : .exponential(decay: decay))
    }
  }

  package var defaultValueDescription: String {
    switch weights {
    case nil: "0"
    case .exponential(let decay): "\(decay)"
    case .lastEpochs(let epochs): "epochs:\(epochs)"
    }
  }
}
