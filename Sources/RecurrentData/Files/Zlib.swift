import RecurrentCore

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The functions of zlib that unpack gzip, loaded when the first packed file is read: the binary does not link zlib.
struct Zlib: Sendable {
  typealias Stream = OpaquePointer

  let open: @Sendable @convention(c) (Int32, UnsafePointer<CChar>) -> Stream?
  let setBuffer: @Sendable @convention(c) (Stream, UInt32) -> Int32
  let read: @Sendable @convention(c) (Stream, UnsafeMutableRawPointer?, UInt32) -> Int32
  let error: @Sendable @convention(c) (Stream, UnsafeMutablePointer<Int32>) -> UnsafePointer<CChar>?
  let close: @Sendable @convention(c) (Stream) -> Int32

  /// zlib's error codes.
  enum Fault {
    static let system: Int32 = -1
    static let memory: Int32 = -4
    static let endsEarly: Int32 = -5
  }

  /// The system's zlib.
  static let shared = Result { try Zlib(named: ["libz.so.1", "libz.so", "libz.dylib"]) }

  /// Opens the first library that is available. It stays open.
  /// - Throws: `RecurrentError.invalidData` without a location, if there is none or it lacks a function.
  init(named names: [String]) throws {
    guard let library = names.lazy.compactMap({ dlopen($0, RTLD_NOW | RTLD_LOCAL) }).first else {
      throw Self.fault("\(names.first ?? "zlib") is not installed")
    }
    func function<Function>(_ name: String) throws -> Function {
      guard let address = dlsym(library, name) else { throw Self.fault("zlib has no \(name)") }
      return unsafeBitCast(address, to: Function.self)
    }
    open = try function("gzdopen")
    setBuffer = try function("gzbuffer")
    read = try function("gzread")
    error = try function("gzerror")
    close = try function("gzclose")
  }

  private static func fault(_ what: String) -> RecurrentError {
    RecurrentError(
      .invalidData, "\(what), which is needed to unpack it", remedy: "install zlib1g, or unpack it with gunzip")
  }
}
