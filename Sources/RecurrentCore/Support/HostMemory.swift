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
    let limits = [Limits.machine] + Limits.groups().map(\.limit) + [Limits.addresses]
    return limits.compactMap(\.self).min() ?? 0
  }

  /// Bytes that can be asked for; nil if nobody says.
  package static var left: Int? {
    let addresses = Limits.addresses.map { $0 - Limits.addressesInUse }
    let left = ([Limits.machineLeft, addresses] + Limits.groups().map(\.left)).compactMap(\.self).min()
    return left.map { max(0, $0 - reserve) }
  }

  /// What cannot be asked for, so that the many small pieces that follow are there too.
  private static let reserve = 4 << 20
  /// From here on it is worth asking what is left.
  private static let large = 1 << 20

  /// Throws unless there is room for `bytes` more; a little is not asked for. A fraction of a millisecond.
  /// - Parameter purpose: What they are for: `the text`.
  /// - Throws: `RecurrentError.outOfMemory` that says how much was asked for and how much is left.
  package static func require(
    _ bytes: Int, for purpose: String? = nil, at place: String? = nil, remedy: @autoclosure () -> String
  ) throws {
    guard bytes >= large else { return }
    let (wanted, overflows) = bytes.addingReportingOverflow(reserve)
    let left = left
    // Within all limits, the addresses may be in pieces, or the system promise no more than it has.
    guard !overflows, left.map({ bytes <= $0 }) ?? true, canMap(wanted) else {
      throw shortage(bytes, left, for: purpose, at: place, remedy: remedy())
    }
  }

  /// Throws where `ulimit -v` leaves less than `bytes`, whatever the machine has: for libraries that end the process if they
  /// get no memory.
  package static func requireAddresses(_ bytes: Int, for purpose: String, at place: String, remedy: String) throws {
    guard let limit = Limits.addresses, limit - Limits.addressesInUse < bytes else { return }
    throw shortage(bytes, max(0, limit - Limits.addressesInUse), for: purpose, at: place, remedy: remedy)
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

/// What the system says of memory, in bytes.
private enum Limits {
  static var machine: Int? {
    #if canImport(Darwin)
      return nil
    #else
      return Int(sysconf(Int32(_SC_PHYS_PAGES))) * Int(sysconf(Int32(_SC_PAGESIZE)))
    #endif
  }

  /// What could be had without pushing other programs out, and what they could be pushed to.
  static var machineLeft: Int? {
    let info = fields("/proc/meminfo")
    return info["MemAvailable:"].map { ($0 + (info["SwapFree:"] ?? 0)) << 10 }
  }

  /// `ulimit -v`.
  static var addresses: Int? {
    var limit = rlimit()
    #if canImport(Glibc)
      let isKnown = getrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit) == 0
    #else
      let isKnown = getrlimit(RLIMIT_AS, &limit) == 0
    #endif
    return isKnown ? Int(exactly: limit.rlim_cur) : nil
  }

  static var addressesInUse: Int {
    let pages = lines("/proc/self/statm").first?.split(separator: " ").first.flatMap { Int($0) } ?? 0
    return pages * Int(sysconf(Int32(_SC_PAGESIZE)))
  }

  /// The control groups that this process is in, from its own to the top, which have a limit.
  static func groups() -> [(limit: Int, left: Int)] {
    lines("/proc/self/cgroup").flatMap { line -> [(limit: Int, left: Int)] in
      let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
      guard parts.count == 3, parts[1].isEmpty || parts[1].split(separator: ",").contains("memory") else { return [] }
      let isFirst = !parts[1].isEmpty
      let root = isFirst ? "/sys/fs/cgroup/memory" : "/sys/fs/cgroup"
      let names = parts[2].split(separator: "/")
      // In a container the path may be the host's, of which only the top is there.
      return (0...names.count).compactMap { depth in
        group(root + names.prefix(depth).map { "/" + $0 }.joined(), isFirst: isFirst)
      }
    }
  }

  private static func group(_ folder: String, isFirst: Bool) -> (limit: Int, left: Int)? {
    let number = { (name: String) in lines("\(folder)/\(name)").first.flatMap { Int($0) } }
    guard let limit = number(isFirst ? "memory.limit_in_bytes" : "memory.max"), limit < 1 << 60,
      let used = number(isFirst ? "memory.usage_in_bytes" : "memory.current")
    else { return nil }
    // Files that were read long ago are dropped when memory is short.
    let files = fields("\(folder)/memory.stat")[isFirst ? "total_inactive_file" : "inactive_file"] ?? 0
    return (limit, max(0, limit - max(0, used - files)))
  }

  /// The first number of each line, by the word before it.
  private static func fields(_ path: String) -> [Substring: Int] {
    lines(path).reduce(into: [:]) { fields, line in
      let words = line.split(separator: " ", maxSplits: 2)
      if words.count > 1, let number = Int(words[1]) { fields[words[0]] = number }
    }
  }

  /// The lines of a short file; none if it cannot be read.
  private static func lines(_ path: String) -> [Substring] {
    guard let file = fopen(path, "r") else { return [] }
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 1 << 14)
    let count = fread(&bytes, 1, bytes.count, file)
    return String(decoding: bytes[..<count], as: UTF8.self).split(separator: "\n")
  }
}
