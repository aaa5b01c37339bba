#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The memory limit of this process and what is left of it.
///
/// A failed allocation of a Swift array ends the process, and Linux overcommits memory and kills the process that
/// touches it. So allocations that grow with the input are checked here first.
package enum HostMemory {
  /// The memory limit of the process in bytes: physical memory, or the limit of a control group (container) or of
  /// `ulimit -v` if lower; 0 if unknown.
  package static var limit: Int {
    let limits = [HostLimits.machine] + HostLimits.groups.map(\.limit) + [HostLimits.addresses]
    return limits.compactMap(\.self).min() ?? 0
  }

  /// Available bytes; nil if unknown.
  package static var left: Int? {
    let addresses = HostLimits.addresses.map { $0 - HostLimits.addressesInUse }
    let left = ([HostLimits.machineLeft, addresses] + HostLimits.groups.map(\.left)).compactMap(\.self).min()
    return left.map { max(0, $0 - reserve) }
  }

  /// Kept free for the many small allocations that follow.
  private static let reserve = 4 << 20
  /// Smaller requests are not checked.
  private static let large = 1 << 20

  /// Throws unless `bytes` more are available; small requests are not checked. Takes about 50 µs.
  /// - Parameter purpose: The use of the memory: `the text`.
  /// - Throws: `RecurrentError.outOfMemory` with the requested and the available bytes.
  package static func require(
    _ bytes: Int, for purpose: @autoclosure () -> String? = nil, at location: String? = nil,
    remedy: @autoclosure () -> String
  ) throws {
    guard bytes >= large else { return }
    let (wanted, overflows) = bytes.addingReportingOverflow(reserve)
    let left = left
    // Even within all limits the address space may be fragmented, or the system refuse to overcommit.
    guard !overflows, left.map({ bytes <= $0 }) ?? true, canMap(wanted) else {
      throw shortage(bytes, left, for: purpose(), at: location, remedy: remedy())
    }
  }

  /// Throws if `ulimit -v` leaves less than `bytes`, whatever the machine has: for libraries that end the process on a
  /// failed allocation.
  package static func requireAddresses(_ bytes: Int, for purpose: String, at location: String? = nil, remedy: String)
    throws
  {
    guard let limit = HostLimits.addresses, limit - HostLimits.addressesInUse < bytes else { return }
    throw shortage(bytes, max(0, limit - HostLimits.addressesInUse), for: purpose, at: location, remedy: remedy)
  }

  /// The error of a failed host allocation.
  package static func shortage(
    _ bytes: Int, _ left: Int? = HostMemory.left, for purpose: String? = nil, at location: String?, remedy: String
  ) -> RecurrentError {
    RecurrentError(
      .outOfMemory,
      "not enough memory" + (purpose.map { " for \($0)" } ?? "") + ": \(bytes.asBytes) requested"
        + (left.map { ", \($0.asBytes) available" } ?? ""), at: location, remedy: remedy)
  }

  private static func canMap(_ bytes: Int) -> Bool {
    guard let memory = mmap(nil, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANON, -1, 0), memory != MAP_FAILED
    else { return false }
    munmap(memory, bytes)
    return true
  }
}

extension RecurrentError {
  /// Adds the use of the memory to an out-of-memory error; returns other errors unchanged.
  package func asked(for purpose: String) -> RecurrentError {
    kind == .outOfMemory ? RecurrentError(kind, "\(what), needed for \(purpose)", at: location, remedy: remedy) : self
  }
}

/// Adds the use of the memory to out-of-memory errors of `body`.
package func memory<Value>(for purpose: String, _ body: () throws -> Value) throws -> Value {
  do {
    return try body()
  } catch let error as RecurrentError {
    throw error.asked(for: purpose)
  }
}
