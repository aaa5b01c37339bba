// Element counts from user code: too large a count must end in an error, never in an overflow.

extension Int {
  /// The value at which element counts saturate: more than any memory holds, and small enough to add several or convert
  /// to bytes without overflow.
  @inlinable package static var largestCount: Int { 1 << 56 }

  /// The product of two non-negative counts, at most `largestCount`.
  @inlinable package func saturatingTimes(_ other: Int) -> Int {
    let (product, overflows) = multipliedReportingOverflow(by: other)
    return overflows ? .largestCount : Swift.min(product, .largestCount)
  }
}

extension Sequence<Int> {
  /// The product of the lengths of axes, at most `Int.largestCount`: the number of elements of a shape.
  @inlinable package var elementCount: Int { reduce(1) { $0.saturatingTimes($1) } }

  /// The sum of non-negative counts, at most `Int.largestCount`.
  package var saturatingSum: Int {
    reduce(0) { Swift.min(Swift.min($0, .largestCount) + Swift.min($1, .largestCount), .largestCount) }
  }
}
