/// FNV-1a of 64 bits (Fowler, Noll and Vo): the same in every run, unlike `Hasher`. Each word is one round. Inlined
/// because compiled programs of a megabyte are hashed at every start.
/// - Parameter seed: Changes the hash throughout.
@inlinable package func fnv1a(_ words: some Sequence<some UnsignedInteger>, seed: UInt64 = 0) -> UInt64 {
  words.reduce(0xCBF2_9CE4_8422_2325 ^ seed) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
}
