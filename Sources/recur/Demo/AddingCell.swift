import ArgumentParser
import Recurrent

/// A cell for the adding problem, with its settings.
enum AddingCell: String, CaseIterable, Codable {
  case elman, irnn, gru, lstm

  /// The name in tables.
  var title: String {
    switch self {
    case .elman: "Elman tanh"
    case .irnn: "IRNN"
    case .gru: "GRU"
    case .lstm: "LSTM"
    }
  }

  /// The learning rate of Adam.
  var learningRate: Double {
    switch self {
    case .elman: 1e-3
    case .irnn: 5e-4
    case .gru: 5e-3
    case .lstm: 1e-2
    }
  }

  /// A layer that reads value and marker. The gates of a gated cell start nearly open for its state; an IRNN starts by
  /// passing its state on unchanged.
  func makeLayer(hidden: Int) throws -> RecurrentStack {
    var initialization = RecurrentInitialization.standard(hidden: hidden)
    switch self {
    case .elman: return try Elman(input: 2, hidden: hidden, initialization: initialization)
    case .irnn:
      // Le et al. begin with 0.001, of which the first thousands of steps see nothing.
      initialization = .identity()
      initialization.weightIH = .normal(0.1)
      return try Elman(input: 2, hidden: hidden, activation: .relu, initialization: initialization)
    case .gru:
      initialization.biasHH = .updateGate(2)
      return try GRU(input: 2, hidden: hidden, initialization: initialization)
    case .lstm:
      initialization.biasHH = .forgetGate(2)
      return try LSTM(input: 2, hidden: hidden, initialization: initialization)
    }
  }

  /// Parses a list of cells, `gru,lstm`.
  /// - Throws: `RecurrentError.invalidArgument` that names the first that is none.
  static func cells(_ list: String) throws -> [AddingCell] {
    try list.split(separator: ",", omittingEmptySubsequences: false).map { name in
      guard let cell = AddingCell(rawValue: String(name)) else {
        throw RecurrentError(
          .invalidArgument, "unknown cell \(name.shown)", at: "--cells",
          remedy: "use one or more of \(allCases.map(\.rawValue).listed), separated by commas")
      }
      return cell
    }
  }
}
