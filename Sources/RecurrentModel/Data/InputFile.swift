import RecurrentCore

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A file, a pipe or a device that is read from its start; what gzip packed is unpacked on the way.
final class InputFile {
  /// What errors call it.
  let path: String
  /// The bytes that it has on the disk, packed or not; nil for a pipe or a device.
  let size: Int?
  /// Whether more bytes may come than the file has.
  var isPacked: Bool { stream != nil }

  /// Room for what is read at once: 256 KiB, less for a small file, of which a folder may have many.
  var chunk: [UInt8] { [UInt8](repeating: 0, count: Self.bytesAtOnce(of: size)) }

  private let descriptor: Int32
  private let stream: (zlib: Zlib, file: Zlib.Stream)?

  /// Opens a file.
  /// - Parameter unpacks: Whether a file is unpacked whose name ends in `.gz`, if its bytes begin as gzip's do.
  /// - Throws: `RecurrentError.invalidData` if it is not there, is a directory or may not be read, or if it is packed and the
  ///   system has no zlib.
  init(_ path: String, unpacks: Bool = false) throws {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else {
      throw Files.fault("cannot be opened", path, remedy: errno == EACCES ? "check its permissions" : "check the path")
    }
    do {
      var status = stat()
      guard fstat(file, &status) == 0 else { throw Files.fault("cannot be looked at", path) }
      let type = status.st_mode & S_IFMT
      guard type != S_IFDIR else {
        throw RecurrentError(.invalidData, "is a directory, not a file", at: path, remedy: "name a file in it")
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

  /// Writes the next bytes into the buffer.
  /// - Returns: How many they are; 0 at the end.
  /// - Throws: `RecurrentError.invalidData` if the system refuses, or what is packed is damaged or ends early.
  func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
    if let stream {
      let count = stream.zlib.read(stream.file, buffer.baseAddress, UInt32(clamping: buffer.count))
      // At an early end zlib gives what there is, as if all were well.
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

  /// A packed file gives several bytes for each of its own.
  private static func bytesAtOnce(of size: Int?) -> Int { min(1 << 18, max(1 << 12, 8 * min(size ?? .max, 1 << 18))) }

  /// zlib passes on as it is what does not begin as a packed file does.
  private static func unpack(_ file: Int32, _ path: String, _ size: Int?) throws -> (zlib: Zlib, file: Zlib.Stream) {
    let zlib: Zlib
    do {
      zlib = try Zlib.shared.get()
    } catch let error as RecurrentError {
      throw RecurrentError(error.kind, "is packed by gzip, and \(error.what)", at: path, remedy: error.remedy)
    }
    guard let stream = zlib.open(file, "rb") else {
      throw HostMemory.shortage(1 << 16, at: path, remedy: "free memory")
    }
    _ = zlib.setBuffer(stream, UInt32(bytesAtOnce(of: size) / 2))
    return (zlib, stream)
  }

  /// - Returns: 0 if the packed file is whole.
  private func check(_ zlib: Zlib, _ file: Zlib.Stream) throws -> Int {
    var number: Int32 = 0
    let message = zlib.error(file, &number).map { String(cString: $0) } ?? ""
    switch number {
    case 0: return 0
    case Zlib.Fault.system: throw Files.fault("cannot be read", path)
    case Zlib.Fault.memory: throw HostMemory.shortage(1 << 18, at: path, remedy: "free memory")
    case Zlib.Fault.endsEarly:
      throw RecurrentError(
        .invalidData, "ends early: a packed file goes on", at: path, remedy: "fetch it again, whole")
    default:
      // zlib puts the name that it was not told before its message.
      let reason = message.split(separator: ": ", maxSplits: 1).last.map(String.init) ?? message
      throw RecurrentError(
        .invalidData, "is damaged: it cannot be unpacked (\(reason))", at: path, remedy: "fetch it again")
    }
  }
}

private func systemRead(_ file: Int32, _ bytes: UnsafeMutableRawPointer?, _ count: Int) -> Int {
  read(file, bytes, count)
}
