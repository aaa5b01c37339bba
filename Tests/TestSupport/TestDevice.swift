import RecurrentCore
import RecurrentReference
import Synchronization

/// A device under test. Tests run beside each other, a backend belongs to one thread at a time: so each has its lock, and
/// its backend is made once.
public final class TestDevice: Sendable, CustomStringConvertible {
  /// The device's identifier, with what sets it apart.
  public let description: String
  private let make: @Sendable () throws -> any Backend
  private let backend = Mutex<(any Backend)?>(nil)

  /// A device whose backend `make` makes when it is first asked for.
  public init(_ description: String, make: @escaping @Sendable () throws -> any Backend) {
    self.description = description
    self.make = make
  }

  /// Runs `body` on the backend while nobody else does.
  public func run<Result: Sendable>(_ body: (any Backend) throws -> Result) throws -> Result {
    try backend.withLock { backend in
      let ready = try backend ?? make()
      backend = ready
      return try body(ready)
    }
  }

  /// Every device here.
  public static let all: [TestDevice] = [
    TestDevice("reference") { ReferenceBackend() }
  ]
}
