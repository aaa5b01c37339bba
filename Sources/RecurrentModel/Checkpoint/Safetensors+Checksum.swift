import RecurrentCore

extension Safetensors {
  static let checksumKey = "checksum"

  /// A hash of the file without the checksum: names, types, shapes, metadata, and the data in words of 8 bytes, which
  /// is much faster than the disk.
  var checksum: String {
    var hash: UInt64 = 0
    func add(_ text: String) { hash = fnv1a(text.utf8, seed: fnv1a([UInt(text.utf8.count)], seed: hash)) }
    for (key, value) in metadata.sorted(by: { $0.key < $1.key }) where key != Self.checksumKey {
      add(key)
      add(value)
    }
    for (name, tensor) in tensors.sorted(by: { $0.key < $1.key }) {
      add("\(name) \(tensor.type.rawValue) \(tensor.shape)")
      hash = tensor.bytes.withUnsafeBytes { bytes in
        let words = bytes.count / 8
        let hash = fnv1a(
          (0..<words).lazy.map { bytes.loadUnaligned(fromByteOffset: $0 * 8, as: UInt64.self) }, seed: hash)
        return fnv1a(bytes[(words * 8)...], seed: hash)
      }
    }
    return String(hash, radix: 16)
  }
}
