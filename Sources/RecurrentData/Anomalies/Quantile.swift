/// The quantile of numbers at a level from 0 to 1, between the two nearest (NumPy: `numpy.nanquantile(values, level)`).
/// NaN is left out; nil without any other number.
package func quantile(of values: some Sequence<Float>, at level: Double) -> Float? {
  let sorted = values.filter { !$0.isNaN }.sorted()
  guard let last = sorted.last else { return nil }
  let position = min(max(level, 0), 1) * Double(sorted.count - 1)
  let index = Int(position)
  guard index + 1 < sorted.count else { return last }
  let fraction = position - Double(index)
  return Float(Double(sorted[index]) * (1 - fraction) + Double(sorted[index + 1]) * fraction)
}
