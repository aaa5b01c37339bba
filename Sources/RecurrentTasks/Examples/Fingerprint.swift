import RecurrentCore
import RecurrentModel

/// The count and a hash of numbers.
func fingerprint(of numbers: some Sequence<Int32>) -> String {
  var count = 0
  let hash = fnv1a(
    numbers.lazy.map { number in
      count += 1
      return UInt32(bitPattern: number)
    })
  return "\(count)-" + String(hash, radix: 16)
}
