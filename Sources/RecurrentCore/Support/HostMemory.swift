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
    let limits = [Limits.machine] + Limits.groups.map(\.limit) + [Limits.addresses]
    return limits.compactMap(\.self).min() ?? 0
  }

  /// Bytes that can be asked for; nil if nobody says.
  package static var left: Int? {
    let addresses = Limits.addresses.map { $0 - Limits.addressesInUse }
    let left = ([Limits.machineLeft, addresses] + Limits.groups.map(\.left)).compactMap(\.self).min()
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
    let info = text("/proc/meminfo")
    return number("MemAvailable:", of: info).map { ($0 + (number("SwapFree:", of: info) ?? 0)) << 10 }
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
    (number("", of: text("/proc/self/statm")) ?? 0) * Int(sysconf(Int32(_SC_PAGESIZE)))
  }

  /// The control groups with a limit that this process is in, from the top to its own, as it began.
  static let groups: [Group] = text("/proc/self/cgroup").split(separator: newline).flatMap { line -> [Group] in
    let parts = String(decoding: line, as: UTF8.self).split(
      separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
    guard parts.count == 3, parts[1].isEmpty || parts[1].split(separator: ",").contains("memory") else { return [] }
    let isFirst = !parts[1].isEmpty
    let root = isFirst ? "/sys/fs/cgroup/memory" : "/sys/fs/cgroup"
    let names = parts[2].split(separator: "/")
    // In a container the path may be the host's, of which only the top is there.
    return (0...names.count).compactMap { depth in
      Group(root + names.prefix(depth).map { "/" + $0 }.joined(), isFirst: isFirst)
    }
  }

  /// A control group, of the first version of their interface or the second.
  struct Group {
    let limit: Int
    private let folder: String
    private let isFirst: Bool

    init?(_ folder: String, isFirst: Bool) {
      let name = isFirst ? "memory.limit_in_bytes" : "memory.max"
      guard let limit = number("", of: text("\(folder)/\(name)")), limit < 1 << 60 else { return nil }
      (self.limit, self.folder, self.isFirst) = (limit, folder, isFirst)
    }

    var left: Int? {
      let statistics = text("\(folder)/memory.stat")
      func part(_ name: String) -> Int { number((isFirst ? "total_" : "") + name + " ", of: statistics) ?? 0 }
      // What is kept of files is dropped when memory is short, unless it is yet to be written.
      let unwritten = isFirst ? part("dirty") + part("writeback") : part("file_dirty") + part("file_writeback")
      let files = max(0, part("inactive_file") + part("active_file") - unwritten)
      return number("", of: text("\(folder)/" + (isFirst ? "memory.usage_in_bytes" : "memory.current"))).map {
        max(0, limit - max(0, $0 - files))
      }
    }
  }

  private static let newline = UInt8(ascii: "\n")

  /// The first number of the line that starts with a word.
  private static func number(_ word: String, of text: [UInt8]) -> Int? {
    for line in text.split(separator: newline) where line.starts(with: word.utf8) {
      let digits = line.dropFirst(word.utf8.count).drop { $0 == UInt8(ascii: " ") }.prefix { (48...57).contains($0) }
      return Int(String(decoding: digits, as: UTF8.self))
    }
    return nil
  }

  /// The bytes of a short file; none if it cannot be read.
  private static func text(_ path: String) -> [UInt8] {
    guard let file = fopen(path, "r") else { return [] }
    defer { fclose(file) }
    return [UInt8](unsafeUninitializedCapacity: 1 << 14) { bytes, count in
      count = fread(bytes.baseAddress, 1, bytes.count, file)
    }
  }
}
