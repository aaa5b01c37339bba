import RecurrentCore

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A file, pipe or device that is read sequentially; gzip is unpacked.
final class InputFile {
  /// The name in errors.
  let path: String
  /// The file size in bytes, packed or not; nil for a pipe or a device.
  let size: Int?
  /// Whether it is packed, so that more bytes may follow than the file size.
  var isPacked: Bool { stream != nil }

  /// A read buffer: 256 KiB, or less for a small file, as a folder may have many.
  var chunk: [UInt8] { [UInt8](repeating: 0, count: Self.bytesAtOnce(of: size)) }

  private let descriptor: Int32
  private let stream: (zlib: Zlib, file: Zlib.Stream)?

  /// Opens a file.
  /// - Parameter unpacks: Whether to unpack a file whose name ends in `.gz` and whose content begins with gzip's magic
  ///   number.
  /// - Throws: `RecurrentError.invalidData` if it does not exist, is a directory or is not readable, or if it is packed
  ///   and zlib is not installed.
  init(_ path: String, unpacks: Bool = false) throws {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else {
      throw Files.fault("cannot be opened", path, remedy: errno == EACCES ? "check its permissions" : "check the path")
    }
    do {
      var status = stat()
      guard fstat(file, &status) == 0 else { throw Files.fault("cannot be read", path) }
      let type = status.st_mode & S_IFMT
      guard type != S_IFDIR else {
        throw RecurrentError(.invalidData, "is a folder, not a file", at: path, remedy: "name a file in it")
      }
      (self.path, descriptor, size) = (path, file, type == S_IFREG ? Int(status.st_size) : nil)
      stream = unpacks && path.hasExtension("gz") ? try Self.unpack(file, path, size) : nil
    } catch {
      close(file)
      throw error
    }
  }

  deinit {
    if let stream { _ = stream.zlib.close(stream.file) } else { close(descriptor) }
  }

  /// Reads the next bytes into the buffer.
  /// - Returns: The number of bytes; 0 at the end.
  /// - Throws: `RecurrentError.invalidData` if reading fails, or if packed data is damaged or truncated.
  func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
    if let stream {
      let count = stream.zlib.read(stream.file, buffer.baseAddress, UInt32(clamping: buffer.count))
      // At a truncated end zlib returns the bytes so far, without an error.
      guard count > 0 else { return try check(stream.zlib, stream.file) }
      return Int(count)
    }
    while true {
      let count = systemRead(descriptor, buffer.baseAddress, buffer.count)
      if count < 0 && errno == EINTR { continue }
      guard count >= 0 else { throw Files.fault("cannot be read", path) }
      return count
    }
  }

  /// A packed file expands to several times its size.
  private static func bytesAtOnce(of size: Int?) -> Int { min(1 << 18, max(1 << 12, 8 * min(size ?? .max, 1 << 18))) }

  /// zlib passes data that is not packed through unchanged.
  private static func unpack(_ file: Int32, _ path: String, _ size: Int?) throws -> (zlib: Zlib, file: Zlib.Stream) {
    let zlib: Zlib
    do {
      zlib = try Zlib.shared.get()
    } catch let error as RecurrentError {
      throw RecurrentError(error.kind, "is gzip-compressed, and \(error.what)", at: path, remedy: error.remedy)
    }
    guard let stream = zlib.open(file, "rb") else {
      throw HostMemory.shortage(1 << 16, at: path, remedy: "free memory")
    }
    _ = zlib.setBuffer(stream, UInt32(bytesAtOnce(of: size) / 2))
    return (zlib, stream)
  }

  /// - Returns: 0 if the packed file is complete.
  private func check(_ zlib: Zlib, _ file: Zlib.Stream) throws -> Int {
    var number: Int32 = 0
    let message = zlib.error(file, &number).map { String(cString: $0) } ?? ""
    switch number {
    case 0: return 0
    case Zlib.Fault.system: throw Files.fault("cannot be read", path)
    case Zlib.Fault.memory: throw HostMemory.shortage(1 << 18, at: path, remedy: "free memory")
    case Zlib.Fault.endsEarly:
      throw RecurrentError(
        .invalidData, "is truncated: the packed data is incomplete", at: path, remedy: "download it again")
    default:
      // zlib prefixes its message with a file name that it does not know.
      let reason = message.split(separator: ": ", maxSplits: 1).last.map(String.init) ?? message
      throw RecurrentError(
        .invalidData, "is damaged and cannot be unpacked (\(reason))", at: path, remedy: "download it again")
    }
  }
}

private func systemRead(_ file: Int32, _ bytes: UnsafeMutableRawPointer?, _ count: Int) -> Int {
  read(file, bytes, count)
}
