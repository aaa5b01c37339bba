/// A file format that is recognized by its first bytes: files that are often named by mistake.
package enum FileKind: CaseIterable {
  case zip, pickle, hdf5, gguf, onnx, jpeg, png, pdf, gzip, elf

  /// The format of some bytes; nil if unknown.
  package init?(_ bytes: some Collection<UInt8>) {
    let kind = Self.allCases.first { kind in
      bytes.count >= kind.start.count && Swift.zip(bytes, kind.start).allSatisfy { $1 == nil || $0 == $1 }
    }
    guard let kind else { return nil }
    self = kind
  }

  /// The first bytes of the format; nil for any byte.
  private var start: [UInt8?] {
    switch self {
    case .zip: [0x50, 0x4B, 3, 4]
    case .pickle: [0x80, 2, 0x8A, 0x0A]
    case .hdf5: [0x89, 0x48, 0x44, 0x46]
    case .gguf: [0x47, 0x47, 0x55, 0x46]
    // The version of the format, and a field with the name of the program that wrote it.
    case .onnx: [8, nil, 0x12]
    case .jpeg: [0xFF, 0xD8, 0xFF]
    case .png: [0x89, 0x50, 0x4E, 0x47]
    case .pdf: [0x25, 0x50, 0x44, 0x46]
    case .gzip: [0x1F, 0x8B]
    case .elf: [0x7F, 0x45, 0x4C, 0x46]
    }
  }

  /// The name in an error.
  package var name: String {
    switch self {
    case .zip: "a zip archive (torch.save)"
    case .pickle: "a Python pickle (torch.save before version 1.6)"
    case .hdf5: "an HDF5 file (Keras)"
    case .gguf: "a GGUF file"
    case .onnx: "an ONNX model"
    case .jpeg: "a JPEG image"
    case .png: "a PNG image"
    case .pdf: "a PDF document"
    case .gzip: "gzip-compressed"
    case .elf: "a program"
    }
  }
}

/// Encodings of text that are detected but not supported, by their names in iconv.
enum TextEncoding: String {
  case utf16 = "UTF-16"
  case utf16Little = "UTF-16LE"
  case utf16Big = "UTF-16BE"
  case utf32 = "UTF-32"

  /// The encoding by the byte-order mark; without one, by the zeros in Latin text.
  init?(_ bytes: [UInt8]) {
    let start = Array(bytes.prefix(4))
    if start == [0xFF, 0xFE, 0, 0] || start == [0, 0, 0xFE, 0xFF] {
      self = .utf32
    } else if start.starts(with: [0xFF, 0xFE]) || start.starts(with: [0xFE, 0xFF]) {
      self = .utf16
    } else {
      let head = bytes.prefix(4096)
      var zeros = [0, 0]
      for (place, byte) in head.enumerated() where byte == 0 { zeros[place % 2] += 1 }
      // Three of four letters are Latin, and no byte of the other half is 0.
      let most = head.count * 3 / 8
      guard head.count >= 4, zeros.contains(0), zeros.contains(where: { $0 > most }) else { return nil }
      self = zeros[0] == 0 ? .utf16Little : .utf16Big
    }
  }
}
