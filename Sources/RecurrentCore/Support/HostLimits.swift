#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The memory limits that the system reports, in bytes.
enum HostLimits {
  static var machine: Int? {
    #if canImport(Darwin)
      return nil
    #else
      return Int(sysconf(Int32(_SC_PHYS_PAGES))) * Int(sysconf(Int32(_SC_PAGESIZE)))
    #endif
  }

  /// Memory available without swapping out other programs, plus free swap.
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

  /// The control groups with a memory limit that contain this process, from the root to its own, at start.
  static let groups: [Group] = text("/proc/self/cgroup").split(separator: newline).flatMap { line -> [Group] in
    let parts = String(decoding: line, as: UTF8.self).split(
      separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
    guard parts.count == 3, parts[1].isEmpty || parts[1].split(separator: ",").contains("memory") else { return [] }
    let isFirst = !parts[1].isEmpty
    let root = isFirst ? "/sys/fs/cgroup/memory" : "/sys/fs/cgroup"
    let names = parts[2].split(separator: "/")
    // In a container the path may be the host's, of which only the root exists.
    return (0...names.count).compactMap { depth in
      Group(root + names.prefix(depth).map { "/" + $0 }.joined(), isFirst: isFirst)
    }
  }

  /// A control group, version 1 or 2.
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
      // The page cache is dropped when memory is short, except for dirty pages.
      let unwritten = isFirst ? part("dirty") + part("writeback") : part("file_dirty") + part("file_writeback")
      let files = max(0, part("inactive_file") + part("active_file") - unwritten)
      return number("", of: text("\(folder)/" + (isFirst ? "memory.usage_in_bytes" : "memory.current"))).map {
        max(0, limit - max(0, $0 - files))
      }
    }
  }

  private static let newline = UInt8(ascii: "\n")

  /// The first number of the line that starts with `word`.
  private static func number(_ word: String, of text: [UInt8]) -> Int? {
    for line in text.split(separator: newline) where line.starts(with: word.utf8) {
      let digits = line.dropFirst(word.utf8.count).drop { $0 == UInt8(ascii: " ") }.prefix { (48...57).contains($0) }
      return Int(String(decoding: digits, as: UTF8.self))
    }
    return nil
  }

  /// The content of a short file; empty if it cannot be read.
  private static func text(_ path: String) -> [UInt8] {
    guard let file = fopen(path, "r") else { return [] }
    defer { fclose(file) }
    return [UInt8](unsafeUninitializedCapacity: 1 << 14) { bytes, count in
      count = fread(bytes.baseAddress, 1, bytes.count, file)
    }
  }
}
