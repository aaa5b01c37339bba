import RecurrentCore
import RecurrentData

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// The contents of a safetensors file (https://github.com/huggingface/safetensors): named tensors, and metadata.
///
/// Eight bytes that give the header's length, the header (JSON: type, shape and place of every tensor), the data.
package struct Safetensors: Hashable, Sendable {
  /// The tensors, by name.
  package var tensors: [String: SafetensorsTensor]
  /// The metadata, by key.
  package var metadata: [String: String]

  /// A file of named tensors.
  package init(_ tensors: [String: SafetensorsTensor] = [:], metadata: [String: String] = [:]) {
    self.tensors = tensors
    self.metadata = metadata
  }

  /// Reads a file.
  /// - Throws: `RecurrentError.invalidData` if it cannot be read, or does not follow the format.
  package init(contentsOf path: String) throws {
    try self.init(parsing: Files.read(path, limit: .tensors), from: path)
  }

  /// Reads the bytes of a file.
  /// - Parameters:
  ///   - bytes: The whole file.
  ///   - location: The source, for errors.
  /// - Throws: `RecurrentError.invalidData` if they do not follow the format.
  package init(parsing bytes: [UInt8], from location: String = "safetensors") throws {
    func fault(_ what: String) -> RecurrentError {
      RecurrentError(.invalidData, what, at: location, remedy: "restore it, or create it again")
    }
    let length = bytes.prefix(8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    // The format allows no longer header, and says what it starts with.
    guard bytes.count > 8, bytes[8] == UInt8(ascii: "{"), length <= 100_000_000 else {
      throw Self.foreign(bytes, location)
    }
    guard length <= UInt64(bytes.count - 8) else {
      throw fault("is truncated: the file has \(bytes.count - 8) of the \(length) bytes of its header")
    }
    guard length <= Self.longestHeader else {
      throw fault("has a header of \(Int(length).asBytes), more than the limit of \(Self.longestHeader.asBytes)")
    }
    let data = bytes[(8 + Int(length))...]
    let header: Header
    do {
      header = try JSON.decode(from: bytes[8..<data.startIndex])
    } catch let error as RecurrentError {
      throw fault("has a header that " + error.what)
    }
    try header.check(dataCount: data.count, fault)
    metadata = header.metadata
    tensors = header.entries.mapValues { entry in
      SafetensorsTensor(
        type: entry.type, shape: entry.shape,
        bytes: data[data.startIndex + entry.offsets[0]..<data.startIndex + entry.offsets[1]])
    }
  }

  /// The maximum header, enough for 100,000 tensors; decoding a header of the 100 MB that the format allows would need
  /// gigabytes.
  private static let longestHeader = 1 << 24

  private static func foreign(_ bytes: [UInt8], _ location: String) -> RecurrentError {
    guard let kind = FileKind(bytes) else {
      let what = bytes.isEmpty ? "is empty" : "is not a safetensors file, or is truncated"
      return RecurrentError(.invalidData, what, at: location, remedy: "restore it, or name another file")
    }
    return RecurrentError(
      .invalidData, "is \(kind.name), not a safetensors file", at: location,
      remedy: "write it with safetensors.torch.save_file(model.state_dict(), …)")
  }

  /// Replaces a file's contents; see `Files.replace`.
  /// - Throws: `RecurrentError.invalidData` if the system refuses.
  package func write(to path: String) throws {
    try Files.replace(path, with: serialized())
  }

  /// The bytes of a file.
  /// - Throws: `RecurrentError.invalidData` if the header cannot be written.
  package func serialized() throws -> [UInt8] {
    // Wide elements first, so that every tensor is aligned to its element.
    let order = tensors.sorted { ($1.value.type.size, $0.key) < ($0.value.type.size, $1.key) }
    var header = Header(metadata: metadata)
    var end = 0
    for (name, tensor) in order {
      let start = end
      end += tensor.bytes.count
      header.entries[name] = Header.Entry(type: tensor.type, shape: tensor.shape, offsets: [start, end])
    }
    try HostMemory.require(end, for: "the bytes of a file", at: "safetensors", remedy: "free memory")
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    var text = try [UInt8](encoder.encode(header))
    text += [UInt8](repeating: UInt8(ascii: " "), count: (8 - text.count % 8) % 8)
    var bytes: [UInt8] = []
    bytes.reserveCapacity(8 + text.count + end)
    for place in 0..<8 { bytes.append(UInt8(truncatingIfNeeded: text.count >> (place * 8))) }
    bytes += text
    for (_, tensor) in order { bytes += tensor.bytes }
    return bytes
  }
}

/// The header of a file.
private struct Header: Codable {
  struct Entry: Codable {
    let type: SafetensorsTensor.ElementType
    let shape: [Int]
    let offsets: [Int]

    enum CodingKeys: String, CodingKey { case type = "dtype", shape, offsets = "data_offsets" }

    init(type: SafetensorsTensor.ElementType, shape: [Int], offsets: [Int]) {
      self.type = type
      self.shape = shape
      self.offsets = offsets
    }

    init(from decoder: any Decoder) throws {
      let values = try decoder.container(keyedBy: CodingKeys.self)
      let name = try values.decode(String.self, forKey: .type)
      guard let type = SafetensorsTensor.ElementType(rawValue: name) else {
        let tensor = decoder.codingPath.last?.stringValue ?? ""
        throw RecurrentError(
          .invalidData, "gives \(tensor.shown) elements of type \(name.shown), which is not supported")
      }
      try self.init(
        type: type, shape: values.decode([Int].self, forKey: .shape),
        offsets: values.decode([Int].self, forKey: .offsets))
    }

    /// The size of the tensor in bytes; nil if the shape is invalid.
    var size: Int? {
      var size = type.size
      for axis in shape {
        let (product, overflows) = size.multipliedReportingOverflow(by: axis)
        guard axis >= 0, !overflows else { return nil }
        size = product
      }
      return size
    }
  }

  struct Name: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
    static let metadata = Name(stringValue: "__metadata__")
  }

  /// The maximum number of axes, as in NumPy.
  private static let mostAxes = 64

  var entries: [String: Entry] = [:]
  var metadata: [String: String]

  init(metadata: [String: String]) { self.metadata = metadata }

  init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: Name.self)
    metadata = try values.decodeIfPresent([String: String].self, forKey: .metadata) ?? [:]
    for name in values.allKeys where name.stringValue != Name.metadata.stringValue {
      entries[name.stringValue] = try values.decode(Entry.self, forKey: name)
    }
  }

  func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: Name.self)
    if !metadata.isEmpty { try values.encode(metadata, forKey: .metadata) }
    for (name, entry) in entries { try values.encode(entry, forKey: Name(stringValue: name)) }
  }

  /// The tensors must cover the data without a gap or an overlap.
  func check(dataCount: Int, _ fault: (String) -> RecurrentError) throws {
    var end = 0
    for (name, entry) in entries.sorted(by: { ($0.value.offsets, $0.key) < ($1.value.offsets, $1.key) }) {
      let name = name.shown
      guard entry.shape.count <= Self.mostAxes else { throw fault("gives \(name) \(entry.shape.count) axes") }
      guard entry.offsets.count == 2, let size = entry.size, entry.offsets[0] >= 0,
        entry.offsets[0] <= entry.offsets[1],
        entry.offsets[1] - entry.offsets[0] == size
      else {
        throw fault(
          "gives \(name) the bytes \(entry.offsets.prefix(4)) of \(dataCount) for \(entry.type.rawValue) of "
            + "\(entry.shape)")
      }
      guard entry.offsets[0] == end else {
        throw fault(
          entry.offsets[0] < end ? "has an overlap of \(name) with another tensor" : "has a gap before \(name)")
      }
      guard entry.offsets[1] <= dataCount else {
        throw fault("is truncated: \(name) ends at byte \(entry.offsets[1]) of the data, which has \(dataCount)")
      }
      end = entry.offsets[1]
    }
    guard end == dataCount else {
      throw fault("has \((dataCount - end).grouped) bytes that belong to no tensor")
    }
  }
}

/// Offsets by their order in the file.
private func < (a: ([Int], String), b: ([Int], String)) -> Bool {
  a.0 == b.0 ? a.1 < b.1 : a.0.lexicographicallyPrecedes(b.0)
}
