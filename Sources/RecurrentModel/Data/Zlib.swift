import RecurrentCore

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The functions of zlib that unpack gzip, found when the first packed file is read: no binary links it.
struct Zlib: Sendable {
  typealias Stream = OpaquePointer

  let open: @Sendable @convention(c) (Int32, UnsafePointer<CChar>) -> Stream?
  let setBuffer: @Sendable @convention(c) (Stream, UInt32) -> Int32
  let read: @Sendable @convention(c) (Stream, UnsafeMutableRawPointer?, UInt32) -> Int32
  let error: @Sendable @convention(c) (Stream, UnsafeMutablePointer<Int32>) -> UnsafePointer<CChar>?
  let close: @Sendable @convention(c) (Stream) -> Int32

  /// zlib's numbers for what went wrong.
  enum Fault {
    static let system: Int32 = -1
    static let memory: Int32 = -4
    static let endsEarly: Int32 = -5
  }

  /// The library that the system has.
  static let shared = Result { try Zlib(named: ["libz.so.1", "libz.so", "libz.dylib"]) }

  /// Opens the first of the libraries that is there. It stays open.
  /// - Throws: `RecurrentError.invalidData` that names no place if there is none, or it lacks a function.
  init(named names: [String]) throws {
    guard let library = names.lazy.compactMap({ dlopen($0, RTLD_NOW | RTLD_LOCAL) }).first else {
      throw Self.fault("there is no \(names.first ?? "zlib")")
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
    RecurrentError(.invalidData, "\(what), which unpacks it", remedy: "install zlib1g, or unpack it with gunzip")
  }
}
