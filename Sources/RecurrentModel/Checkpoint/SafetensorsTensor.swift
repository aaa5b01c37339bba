import RecurrentCore

/// A tensor of a safetensors file: little-endian bytes, row-major.
package struct SafetensorsTensor: Hashable, Sendable {
  /// The type of an element, by the format's names.
  package enum ElementType: String, Hashable, Sendable, Codable {
    /// 64-bit floating point.
    case float64 = "F64"
    /// 32-bit floating point: `Float`, PyTorch's `float32`.
    case float32 = "F32"
    /// 16-bit floating point (IEEE 754).
    case float16 = "F16"
    /// The upper half of a 32-bit floating-point number.
    case bfloat16 = "BF16"
    /// 64-bit signed integers: PyTorch's `int64`.
    case int64 = "I64"
    /// 32-bit signed integers.
    case int32 = "I32"
    /// 16-bit signed integers.
    case int16 = "I16"
    /// 8-bit signed integers.
    case int8 = "I8"
    /// 64-bit unsigned integers.
    case uint64 = "U64"
    /// 32-bit unsigned integers.
    case uint32 = "U32"
    /// 16-bit unsigned integers.
    case uint16 = "U16"
    /// 8-bit unsigned integers.
    case uint8 = "U8"
    /// 8-bit floating point with 4 bits of exponent.
    case float8e4m3 = "F8_E4M3"
    /// 8-bit floating point with 5 bits of exponent.
    case float8e5m2 = "F8_E5M2"
    /// Booleans, one byte each.
    case bool = "BOOL"

    /// The size of an element in bytes.
    package var size: Int {
      switch self {
      case .float64, .int64, .uint64: 8
      case .float32, .int32, .uint32: 4
      case .float16, .bfloat16, .int16, .uint16: 2
      case .int8, .uint8, .bool, .float8e4m3, .float8e5m2: 1
      }
    }
  }

  /// The type of an element.
  package let type: ElementType
  /// The lengths of the axes, outermost first; empty for a scalar.
  package let shape: [Int]
  let bytes: ArraySlice<UInt8>

  init(type: ElementType, shape: [Int], bytes: ArraySlice<UInt8>) {
    self.type = type
    self.shape = shape
    self.bytes = bytes
  }

  /// A tensor of `Float`.
  /// - Throws: `RecurrentError.shapeMismatch` if the number of values is not the shape's.
  package init(_ values: [Float], shape: [Int]) throws {
    try shape.require(count: values.count, of: "values", at: "safetensors")
    self.init(type: .float32, shape: shape, bytes: Self.littleEndian(values.lazy.map(\.bitPattern)))
  }

  /// A tensor of `Int32`.
  /// - Throws: `RecurrentError.shapeMismatch` if the number of values is not the shape's.
  package init(integers values: [Int32], shape: [Int]) throws {
    try shape.require(count: values.count, of: "values", at: "safetensors")
    self.init(type: .int32, shape: shape, bytes: Self.littleEndian(values))
  }

  /// The number of elements.
  package var count: Int { bytes.count / type.size }

  /// The values as `Float`, rounded from a wider type.
  /// - Throws: `RecurrentError.invalidData` if the elements are not floating-point numbers of at least 16 bits.
  package func floats() throws -> [Float] {
    switch type {
    case .float32: return words { (word: UInt32) in Float(bitPattern: word) }
    case .float64: return words { (word: UInt64) in Float(Double(bitPattern: word)) }
    case .bfloat16: return words { (word: UInt16) in Float(bitPattern: UInt32(word) << 16) }
    case .float16: return words(Self.float(half:))
    default:
      throw RecurrentError(
        .invalidData, "has elements of \(type.rawValue), not floating-point numbers of at least 16 bits",
        remedy: "store F64, F32, F16 or BF16")
    }
  }

  /// The values as `Int32`.
  /// - Throws: `RecurrentError.invalidData` if the elements are not whole numbers, or one does not fit.
  package func integers() throws -> [Int32] {
    switch type {
    case .int32: return words { (word: Int32) in word }
    case .int16: return words { (word: Int16) in Int32(word) }
    case .int8: return words { (word: Int8) in Int32(word) }
    case .uint8, .bool: return words { (word: UInt8) in Int32(word) }
    case .uint16: return words { (word: UInt16) in Int32(word) }
    case .uint32: return try words { (word: UInt32) in try Self.narrowed(word) }
    case .int64: return try words { (word: Int64) in try Self.narrowed(word) }
    case .uint64: return try words { (word: UInt64) in try Self.narrowed(word) }
    default:
      throw RecurrentError(
        .invalidData, "has elements of \(type.rawValue), not whole numbers",
        remedy: "store I64, I32, I16, I8, U64, U32, U16 or U8")
    }
  }

  private static func narrowed(_ word: some FixedWidthInteger) throws -> Int32 {
    guard let value = Int32(exactly: word) else {
      throw RecurrentError(.invalidData, "has the element \(word), which does not fit 32 bits")
    }
    return value
  }

  /// Converts every element. The data of a file need not be aligned.
  private func words<Word: FixedWidthInteger, Number>(_ number: (Word) throws -> Number) rethrows -> [Number] {
    try bytes.withUnsafeBytes { bytes in
      try (0..<count).map {
        let word = bytes.loadUnaligned(fromByteOffset: $0 * MemoryLayout<Word>.size, as: Word.self)
        return try number(Word(littleEndian: word))
      }
    }
  }

  private static func littleEndian<Word: FixedWidthInteger>(_ words: some Collection<Word>) -> ArraySlice<UInt8> {
    let size = MemoryLayout<Word>.size
    return [UInt8](unsafeUninitializedCapacity: words.count * size) { bytes, count in
      let memory = UnsafeMutableRawBufferPointer(bytes)
      for word in words {
        memory.storeBytes(of: word.littleEndian, toByteOffset: count, as: Word.self)
        count += size
      }
    }[...]
  }

  /// Converts IEEE half precision; `Float16` is not available on every platform.
  private static func float(half: UInt16) -> Float {
    let sign: Float = half & 0x8000 == 0 ? 1 : -1
    let exponent = Int(half >> 10 & 0x1F)
    let fraction = Float(half & 0x3FF)
    switch exponent {
    case 0: return sign * fraction * 0x1p-24
    case 31: return fraction == 0 ? sign * .infinity : .nan
    default: return sign * Float(sign: .plus, exponent: exponent - 15, significand: 1 + fraction / 1024)
    }
  }
}
