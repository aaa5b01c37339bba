import RecurrentCore
import RecurrentModel

extension Forecaster {
  /// Runs the model on the tensors of a file: `recur run`.
  /// - Throws: `RecurrentError.invalidData` if a tensor is missing, unknown, or of another shape; `.invalidModel` if the model reads
  ///   categories.
  func run(_ input: InputTensors, on tape: Tape) throws -> [String: Tensor] {
    guard shape.categories.isEmpty, shape.staticCategories.isEmpty else {
      throw RecurrentError(
        .invalidModel, "the model reads categories, which tensors do not have", at: "--model",
        remedy: "use recur predict")
    }
    try input.requireOnly(
      ["values", "channels", "observed"] + (shape.past > 0 ? ["past"] : []) + (shape.known > 0 ? ["known"] : []))
    let values = try required(input, "values", [shape.window], "[N, window]", rows: nil)
    let rows = values.count / shape.window
    var inputs = ForecastInputs(
      values: try tape.tensor(values, shape: [rows, shape.window]),
      channels: try input.integers("channels", count: rows) ?? [Int32](repeating: 0, count: rows))
    inputs.observed = try input.rows("observed", of: [shape.window], axes: "[N, window]").map {
      try tape.tensor($0.values, shape: [$0.count, shape.window])
    }
    if shape.past > 0 {
      let past = try required(input, "past", [shape.window, shape.past], "[N, window, covariates]", rows: rows)
      inputs.past = try tape.tensor(past, shape: [rows, shape.window, shape.past])
    }
    if shape.known > 0 {
      let steps = shape.window + shape.horizon
      let known = try required(input, "known", [steps, shape.known], "[N, window + horizon, covariates]", rows: rows)
      inputs.known = try tape.tensor(known, shape: [rows, steps, shape.known])
    }
    if output == .negativeBinomial {
      // Without the scale of a series, rates are those of a series with mean 0 and deviation 1 of its logarithms.
      inputs.scales = try tape.tensor((0..<rows).flatMap { _ in [0, 1] }, shape: [rows, 2])
    }
    return ["forecast": try self(inputs)]
  }

  private func required(_ input: InputTensors, _ name: String, _ row: [Int], _ axes: String, rows: Int?) throws
    -> [Float]
  {
    guard let tensor = try input.rows(name, of: row, axes: axes) else {
      throw RecurrentError(
        .invalidData, "has no tensor named \(name)", at: "input", remedy: "store numbers \(axes) under that name")
    }
    guard rows == nil || tensor.count == rows else {
      throw RecurrentError(
        .invalidData, "\(name) has \(tensor.count.counted("row")), values \(rows ?? 0)", at: "input",
        remedy: "give as many of each")
    }
    return tensor.values
  }
}
