/// Throws `shapeMismatch` unless a condition on the operands of an operation holds. Backends need no checks of their
/// own.
func require(
  _ condition: Bool, _ operation: @autoclosure () -> String, _ message: @autoclosure () -> String
) throws {
  guard condition else { throw RecurrentError(.shapeMismatch, "shapes do not match: " + message(), at: operation()) }
}

extension Region {
  /// The shape for output.
  var shape: String { "\(rows) × \(columns)" }

  func hasShape(_ other: Region) -> Bool { rows == other.rows && columns == other.columns }
}
