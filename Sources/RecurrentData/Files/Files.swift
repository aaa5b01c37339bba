import RecurrentCore

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Reads and writes files, with errors that name the path. Writing is atomic (`Files+Writing.swift`).
package enum Files {
  /// The maximum size of a file.
  package enum Limit: Sendable {
    /// A number of bytes.
    case bytes(Int)
    /// The available memory, at `perByte` bytes per byte of the file.
    case memory(perByte: Int)

    static let longestList = 1 << 28

    /// Settings and other short files: 1 MiB.
    public static let settings = Limit.bytes(1 << 20)
    /// Lists that grow with a text or a run: 256 MiB.
    public static let list = Limit.bytes(longestList)
    /// A text: its bytes, and four more for each token.
    public static let text = Limit.memory(perByte: 6)
    /// Tensors: the bytes of the file, and their values, up to twice.
    public static let tensors = Limit.memory(perByte: 3)
  }

  /// Reads all bytes of a file, a pipe or a device.
  /// - Parameters:
  ///   - path: The file.
  ///   - limit: The most bytes that are read.
  ///   - unpacks: Whether a file is unpacked that ends in `.gz` and is packed by gzip: data, not models.
  /// - Throws: `RecurrentError.invalidData` if it is missing, is a directory, is larger than the limit, or cannot be read or
  ///   unpacked; `.outOfMemory` if the memory is too small for it.
  ///   A file's size is known before its bytes are read; of what has no size no more than 1 GiB is. Of a packed file the
  ///   bytes that come out of it count.
  package static func read(_ path: String, limit: Limit = .memory(perByte: 2), unpacks: Bool = false) throws -> [UInt8]
  {
    let file = try InputFile(path, unpacks: unpacks)
    let most = try limit.most(of: file)
    var bytes: [UInt8] = []
    if let size = file.size, !file.isPacked { bytes.reserveCapacity(size) }
    var chunk = file.chunk
    while true {
      let count = try chunk.withUnsafeMutableBytes { try file.read(into: $0) }
      guard count > 0 else { return bytes }
      guard bytes.count + count <= most else { throw limit.exceeded(by: file, most) }
      bytes += chunk[..<count]
    }
  }

  /// Reads a UTF-8 text, without a byte-order mark. A file that ends in `.gz` is unpacked.
  /// - Throws: `RecurrentError.invalidData` if it cannot be read, or is no text of UTF-8: the error names the byte, or what
  ///   it is instead.
  package static func readText(_ path: String, limit: Limit = .text) throws -> String {
    try text(of: read(path, limit: limit, unpacks: true), from: path)
  }

  /// Decodes the text of a file's bytes.
  package static func text(of bytes: [UInt8], from path: String) throws -> String {
    // What a person can type to have it as a text of UTF-8.
    func converted(_ command: String, redirects: Bool = false) -> String {
      let file = path.shellQuoted
      return path.hasExtension("gz")
        ? "gunzip -c \(file) | \(command) >NEW" : "\(command) \(redirects ? "<" : "")\(file) >NEW"
    }
    if let encoding = TextEncoding(bytes) {
      throw RecurrentError(
        .invalidData, "is \(encoding.rawValue) text, not UTF-8", at: path,
        remedy: "convert it: " + converted("iconv -f \(encoding.rawValue) -t UTF-8"))
    }
    let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
    let zero = bytes.firstIndex(of: 0)
    if zero == nil, let text = String(validating: bytes.dropFirst(bytes.starts(with: mark) ? 3 : 0), as: UTF8.self) {
      return text
    }
    if let kind = FileKind(bytes) {
      throw RecurrentError(
        .invalidData, "is \(kind.name), not UTF-8 text", at: path,
        remedy: kind == .gzip ? "rename it to end in .gz, or unpack it with gunzip" : "name a text file")
    }
    if let zero {
      throw RecurrentError(
        .invalidData, "has a NUL byte at offset \(zero), so it is not a text file", at: path,
        remedy: "name a text file, or remove the NUL bytes: " + converted("tr -d '\\000'", redirects: true))
    }
    let offset = firstInvalidByte(bytes)
    throw RecurrentError(
      .invalidData, "is not UTF-8 text: byte \(bytes[offset]) at offset \(offset)", at: path,
      remedy: "convert it, for example: " + converted("iconv -f LATIN1 -t UTF-8"))
  }

  /// - Throws: `RecurrentError.invalidData` if something is at the path that is not a file: reading a pipe may never end.
  package static func requireFile(_ path: String) throws {
    var status = stat()
    guard stat(path, &status) == 0 else { return }
    let kind: String? =
      switch status.st_mode & S_IFMT {
      case S_IFREG: nil
      case S_IFDIR: "a folder"
      case S_IFIFO: "a pipe"
      case S_IFSOCK: "a socket"
      default: "a device"
      }
    guard let kind else { return }
    throw RecurrentError(.invalidData, "is \(kind), not a file", at: path, remedy: "replace it with the file")
  }

  /// The offset of the first byte that is not UTF-8.
  private static func firstInvalidByte(_ bytes: [UInt8]) -> Int {
    var decoder = Unicode.UTF8.ForwardParser()
    var iterator = bytes.makeIterator()
    var offset = 0
    while case .valid(let scalar) = decoder.parseScalar(from: &iterator) { offset += scalar.count }
    return min(offset, bytes.count - 1)
  }

  /// - Throws: `RecurrentError.invalidData` if it is unknown whether something exists at the path.
  package static func requireKnown(_ path: String) throws {
    guard access(path, F_OK) != 0, errno != ENOENT, errno != ENOTDIR else { return }
    throw fault("cannot be read", path, remedy: "check its permissions")
  }

  /// Whether a file or a folder exists at the path.
  package static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

  /// Whether nothing exists at the path; false if unknown.
  package static func isMissing(_ path: String) -> Bool { access(path, F_OK) != 0 && errno == ENOENT }

  /// Whether a folder exists at the path.
  package static func isFolder(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  package static func fault(_ what: String, _ path: String, remedy: String? = nil) -> RecurrentError {
    RecurrentError(.invalidData, "\(what) (\(String(cString: strerror(errno))))", at: path, remedy: remedy)
  }
}

extension Files.Limit {
  /// The maximum number of bytes read of a file.
  /// - Throws: `RecurrentError.invalidData` if it is too large, `.outOfMemory` if the memory is too small.
  fileprivate func most(of file: InputFile) throws -> Int {
    let most: Int
    let size = file.size ?? 0
    switch self {
    case .bytes(let bytes):
      most = bytes
      guard size <= bytes else {
        throw RecurrentError(
          .invalidData, "has \(size.asBytes), more than the limit of \(bytes.asBytes)", at: file.path,
          remedy: "name another file")
      }
    case .memory(let perByte):
      most = HostMemory.left.map { $0 / perByte } ?? Int.max
      let needed = size.multipliedReportingOverflow(by: perByte)
      try HostMemory.require(
        needed.overflow ? Int.max : needed.partialValue, for: "a file of \(size.asBytes)", at: file.path,
        remedy: "use a smaller file, or free memory")
    }
    // A file may grow while it is read, and does where it is packed.
    return file.size == nil ? min(most, 1 << 30) : most
  }

  /// The error of a file above the limit.
  fileprivate func exceeded(by file: InputFile, _ most: Int) -> RecurrentError {
    if file.size == nil {
      return RecurrentError(
        .invalidData, "gives more than \(most.asBytes), the limit for a file of unknown size", at: file.path,
        remedy: "if it ends, write it to a file, and name that file")
    }
    let what = "\(file.isPacked ? "unpacks" : "grew") to more than \(most.asBytes)"
    if case .bytes = self {
      return RecurrentError(
        .invalidData, "\(what), the limit for such a file", at: file.path, remedy: "name another file")
    }
    return RecurrentError(
      .outOfMemory, "\(what), the limit with the memory available", at: file.path,
      remedy: "use a smaller file, or free memory")
  }
}
