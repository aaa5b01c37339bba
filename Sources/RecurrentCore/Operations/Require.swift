/// Throws unless a condition on an operation's operands holds. An operation that exists is valid: backends check nothing.
func require(
  _ condition: Bool, _ operation: @autoclosure () -> String, _ message: @autoclosure () -> String
) throws {
  guard condition else { throw RecurrentError(.shapeMismatch, message(), at: operation()) }
}

extension Region {
  /// The shape as people write it.
  var shape: String { "\(rows) × \(columns)" }

  func hasShape(_ other: Region) -> Bool { rows == other.rows && columns == other.columns }
}
