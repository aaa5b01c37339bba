import RecurrentCore

extension Double {
  /// The number as a cell of a table; a dash for NaN, which means that there is none.
  package func cell(_ digits: Int) -> String { isNaN ? "–" : text(digits) }
}

extension [[String]] {
  /// Rows of cells as a table: the first columns left-aligned, the last `numbers` right-aligned.
  /// - Parameter numbers: The first column of numbers.
  package func table(numbers: Int) -> String {
    let widths = (first ?? []).indices.map { column in map { $0[column].count }.max() ?? 0 }
    return map { row in
      zip(row, widths).enumerated().map { column, cell in
        column < numbers ? cell.0.padded(to: cell.1) : cell.0.leading(to: cell.1)
      }.joined(separator: "  ")
    }.joined(separator: "\n")
  }
}
