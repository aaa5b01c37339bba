/// The stretches of values without a missing one, which is NaN, of at least a number of steps: ranges of indices.
func observedRuns(_ values: ArraySlice<Float>, atLeast steps: Int) -> [Range<Int>] {
  var runs: [Range<Int>] = []
  var first = values.startIndex
  for end in values.startIndex...values.endIndex where end == values.endIndex || values[end].isNaN {
    if end - first >= max(1, steps) { runs.append(first..<end) }
    first = end + 1
  }
  return runs
}
