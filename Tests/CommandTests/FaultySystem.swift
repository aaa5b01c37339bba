/// The library of `FaultySystem/`, and how a command gets to run with it.
enum FaultySystem {
  private static let library = Result { try SharedLibrary.compile("FaultySystem") }

  /// The environment in which some calls on files whose path contains a name fail.
  static func disk(_ call: String, _ name: String, _ error: Int32, first: Int = 0, count: Int = .max >> 8) throws
    -> [String: String]
  {
    ["LD_PRELOAD": try library.get(), "FAULTY_DISK": "\(call):\(name):\(error):\(first):\(count)"]
  }

  /// The environment in which the clock is set back after some writes to files whose path contains a name.
  static func clock(after writes: Int, _ name: String, secondsBack: Int) throws -> [String: String] {
    ["LD_PRELOAD": try library.get(), "FAULTY_CLOCK": "\(name):\(writes):\(secondsBack)"]
  }
}
