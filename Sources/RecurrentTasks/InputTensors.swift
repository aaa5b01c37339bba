import RecurrentCore
import RecurrentModel

/// The tensors of `recur run`, with their file for errors.
package struct InputTensors {
  /// The tensor that `tokens` reads, for help.
  static let tokensHelp = "`tokens`, integers [T, N] (time first) or [T], -1 for padding"

  private let file: Safetensors
  private let path: String

  /// - Throws: `RecurrentError.invalidData` if the file cannot be read.
  package init(contentsOf path: String) throws {
    (file, self.path) = (try Safetensors(contentsOf: path), path)
  }

  /// Tokens, integers `[T, N]` or `[T]`, −1 for padding.
  /// - Throws: `RecurrentError.invalidData` if they are missing, of another shape, or negative.
  package func tokens(_ name: String = "tokens") throws -> (values: [Int32], steps: Int, batchSize: Int) {
    guard let tensor = file.tensors[name] else {
      throw RecurrentError(
        .invalidData, "has no tensor named \(name)", at: path, remedy: "store whole numbers [T, N] under that name")
    }
    guard (1...2).contains(tensor.shape.count), tensor.count > 0 else {
      throw RecurrentError(.invalidData, "has \(name) of shape \(tensor.shape)", at: path, remedy: "make it [T, N]")
    }
    let values = try placed(name) { try tensor.integers() }
    let (steps, rows) = (tensor.shape[0], tensor.shape.count > 1 ? tensor.shape[1] : 1)
    if let place = values.firstIndex(where: { $0 < -1 }) {
      throw RecurrentError(
        .invalidData, "token \(values[place]) at step \(place / rows) of row \(place % rows) is negative",
        at: "\(path), tensor \(name)", remedy: "use tokens from 0, or -1 for padding")
    }
    return (values, steps, rows)
  }

  /// Floating-point tensors with these names and this shape; nil if all are missing.
  /// - Parameter axes: The axes of the shape, for errors: `[layers, N, hidden]`.
  /// - Throws: `RecurrentError.invalidData` if only some of them exist, or one has another shape or non-finite values.
  package func floats(_ names: [String], shape: [Int], axes: String, what: String) throws -> [[Float]]? {
    let missing = names.filter { file.tensors[$0] == nil }
    guard missing.count < names.count else { return nil }
    guard missing.isEmpty else {
      throw RecurrentError(
        .invalidData, "has an incomplete \(what): \(missing.listed) is missing", at: path,
        remedy: "store \(names.listed)")
    }
    return try names.map { name in
      try placed(name) {
        guard let tensor = file.tensors[name], tensor.shape == shape else {
          throw RecurrentError(
            .invalidData, "has the shape \(file.tensors[name]?.shape ?? [])", remedy: "make it \(axes), \(shape)")
        }
        return try finite(tensor)
      }
    }
  }

  /// A floating-point tensor `[N, …]` of any N; nil if it is missing.
  /// - Parameters:
  ///   - row: The lengths of the other axes.
  ///   - axes: All axes, for errors: `[N, window]`.
  /// - Throws: `RecurrentError.invalidData` if it has another shape, no rows, or non-finite values.
  func rows(_ name: String, of row: [Int], axes: String) throws -> (values: [Float], count: Int)? {
    guard let tensor = file.tensors[name] else { return nil }
    return try placed(name) {
      guard tensor.shape.count == row.count + 1, Array(tensor.shape.dropFirst()) == row, tensor.count > 0 else {
        throw RecurrentError(
          .invalidData, "has the shape \(tensor.shape)",
          remedy: "make it \(axes), [N, \(row.map(String.init).joined(separator: ", "))]")
      }
      return (try finite(tensor), tensor.shape[0])
    }
  }

  /// An integer tensor `[N]`; nil if it is missing.
  /// - Throws: `RecurrentError.invalidData` if it has another shape, or fractions.
  func integers(_ name: String, count: Int) throws -> [Int32]? {
    guard let tensor = file.tensors[name] else { return nil }
    return try placed(name) {
      guard tensor.shape == [count] else {
        throw RecurrentError(.invalidData, "has the shape \(tensor.shape)", remedy: "make it [N], [\(count)]")
      }
      return try tensor.integers()
    }
  }

  private func finite(_ tensor: SafetensorsTensor) throws -> [Float] {
    let values = try tensor.floats()
    let wrong = values.count { !$0.isFinite }
    guard wrong == 0 else {
      throw RecurrentError(
        .invalidData, "has non-finite values: \(wrong.grouped) of \(values.count.grouped)",
        remedy: "store finite numbers")
    }
    return values
  }

  /// Rejects tensors that the model does not read, since one with a misspelt name would be ignored.
  /// - Throws: `RecurrentError.invalidData` that names them.
  package func requireOnly(_ known: [String]) throws {
    let others = file.tensors.keys.filter { !known.contains($0) }.sorted()
    guard others.isEmpty else {
      throw RecurrentError(
        .invalidData, "has unexpected tensors: \(others.map(\.shown).listed)", at: path,
        remedy: "this model reads \(known.listed)")
    }
  }

  /// Runs a body, and adds the file to its errors.
  package func placed<Value>(_ tensor: String? = nil, _ body: () throws -> Value) throws -> Value {
    do {
      return try body()
    } catch let error as RecurrentError where [.invalidData, .shapeMismatch].contains(error.kind) {
      throw RecurrentError(
        error.kind, error.what, at: tensor.map { "\(path), tensor \($0)" } ?? path, remedy: error.remedy)
    }
  }
}

extension InputTensors {
  /// The tokens `[T, N]` on the device, with padding at the ends of rows: for models that read whole sequences.
  /// - Parameter characters: The character encoder of the model, which tensors do not support.
  /// - Throws: `RecurrentError.invalidData` as `tokens()`, or if padding is before a token; `.invalidModel` if the model reads
  ///   characters.
  func paddedTokens(beside characters: CharacterEncoder?, on tape: Tape) throws -> Tokens {
    guard characters == nil else {
      throw RecurrentError(
        .invalidModel, "the model reads characters of words, which tensors do not have", at: "--model",
        remedy: "use recur predict")
    }
    try requireOnly(["tokens"])
    return try paddedTokens(on: tape)
  }

  /// The tokens `[T, N]` of a tensor on the device, with padding at the ends of rows.
  /// - Throws: `RecurrentError.invalidData` as `tokens()`, or if padding is before a token.
  func paddedTokens(_ name: String = "tokens", on tape: Tape) throws -> Tokens {
    let (values, steps, rows) = try tokens(name)
    let lengths = try (0..<rows).map { row -> Int32 in
      let column = (0..<steps).map { values[$0 * rows + row] }
      let length = (column.lastIndex { $0 >= 0 } ?? -1) + 1
      guard !column.prefix(length).contains(-1) else {
        throw RecurrentError(
          .invalidData, "row \(row) has padding before a token", at: "\(path), tensor \(name)",
          remedy: "pad rows at their ends")
      }
      return Int32(length)
    }
    return try tape.tokens(values, steps: steps, batchSize: rows, lengths: lengths)
  }
}
