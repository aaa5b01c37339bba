extension Int {
  /// The number of tiles of a size that cover this length.
  func tiles(of size: Int) -> Int { (self + size - 1) / size }

  /// The smallest power of two that is at least this number, which is positive.
  var roundedUpToPowerOfTwo: Int { 1 << (Int.bitWidth - (self - 1).leadingZeroBitCount) }
}
