import RecurrentCore
import RecurrentModel

/// Splits data at random into training and validation examples.
/// - Parameters:
///   - fraction: The share; 0 for none.
///   - kind: What an example is: `text`.
///   - more: The remedy, if they are too few.
/// - Throws: `RecurrentError.invalidData` if they are too few for such a share.
func setApart<Example>(
  _ fraction: Double, of examples: [Example], _ kind: String, seed: UInt64, location: String, more: String = "give more"
) throws -> (training: [Example], validation: [Example]) {
  guard fraction > 0 else { return (examples, []) }
  var random = RandomSource(seed: seed, stream: RandomSource.splitStream)
  let order = random.permutation(examples.count)
  let end = examples.count - Int(Double(examples.count) * fraction)
  guard end < examples.count else {
    throw RecurrentError(
      .invalidData,
      "has \(examples.count.counted(kind)), too few to hold out a fraction of \(fraction)",
      at: location, remedy: "\(more), or use --validation-fraction 0")
  }
  return (order[..<end].map { examples[$0] }, order[end...].map { examples[$0] })
}
