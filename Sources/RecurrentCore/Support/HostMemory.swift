#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The memory that this process may have, and what is left of it.
///
/// A Swift array that gets no memory ends the process, and Linux promises memory that is not there and kills whoever
/// touches it. So what is large and grows with what a person gives is asked for here first.
package enum HostMemory {
  /// Bytes that the process may have at most: the machine's memory, or the limit of a control group (a container's) or of
  /// `ulimit -v` where that is lower; 0 if nobody says.
  package static var limit: Int {
    let limits = [HostLimits.machine] + HostLimits.groups.map(\.limit) + [HostLimits.addresses]
    return limits.compactMap(\.self).min() ?? 0
  }

  /// Bytes that can be asked for; nil if nobody says.
  package static var left: Int? {
    let addresses = HostLimits.addresses.map { $0 - HostLimits.addressesInUse }
    let left = ([HostLimits.machineLeft, addresses] + HostLimits.groups.map(\.left)).compactMap(\.self).min()
    return left.map { max(0, $0 - reserve) }
  }

  /// What cannot be asked for, so that the many small pieces that follow are there too.
  private static let reserve = 4 << 20
  /// From here on it is worth asking what is left.
  private static let large = 1 << 20

  /// Throws unless there is room for `bytes` more; a little is not asked for. Some 50 µs.
  /// - Parameter purpose: What they are for: `the text`.
  /// - Throws: `RecurrentError.outOfMemory` that says how much was asked for and how much is left.
  package static func require(
    _ bytes: Int, for purpose: @autoclosure () -> String? = nil, at place: String? = nil,
    remedy: @autoclosure () -> String
  ) throws {
    guard bytes >= large else { return }
    let (wanted, overflows) = bytes.addingReportingOverflow(reserve)
    let left = left
    // Within all limits, the addresses may be in pieces, or the system promise no more than it has.
    guard !overflows, left.map({ bytes <= $0 }) ?? true, canMap(wanted) else {
      throw shortage(bytes, left, for: purpose(), at: place, remedy: remedy())
    }
  }

  /// Throws where `ulimit -v` leaves less than `bytes`, whatever the machine has: for libraries that end the process if they
  /// get no memory.
  package static func requireAddresses(_ bytes: Int, for purpose: String, at place: String? = nil, remedy: String)
    throws
  {
    guard let limit = HostLimits.addresses, limit - HostLimits.addressesInUse < bytes else { return }
    throw shortage(bytes, max(0, limit - HostLimits.addressesInUse), for: purpose, at: place, remedy: remedy)
  }

  /// The error of memory that the host could not give.
  package static func shortage(
    _ bytes: Int, _ left: Int? = HostMemory.left, for purpose: String? = nil, at place: String?, remedy: String
  ) -> RecurrentError {
    let error = RecurrentError(
      .outOfMemory, "this machine cannot give \(bytes.asBytes)" + (left.map { " (\($0.asBytes) are left)" } ?? ""),
      at: place, remedy: remedy)
    return purpose.map { error.asked(for: $0) } ?? error
  }

  private static func canMap(_ bytes: Int) -> Bool {
    guard let memory = mmap(nil, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANON, -1, 0), memory != MAP_FAILED
    else { return false }
    munmap(memory, bytes)
    return true
  }
}

extension RecurrentError {
  /// Says what memory was for; any other error stays as it is.
  package func asked(for purpose: String) -> RecurrentError {
    kind == .outOfMemory ? RecurrentError(kind, "\(what), asked for \(purpose)", at: place, remedy: remedy) : self
  }
}

/// Says in its errors what memory was for.
package func memory<Value>(for purpose: String, _ body: () throws -> Value) throws -> Value {
  do {
    return try body()
  } catch let error as RecurrentError {
    throw error.asked(for: purpose)
  }
}
