#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// What the process was given by its environment.
package enum Environment {
  /// The value of a variable, or nil if it is unset or empty.
  package static func value(_ name: String) -> String? {
    getenv(name).map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
  }

  /// Where files go that can be made again: `$RECUR_CACHE_DIR`, else `$XDG_CACHE_HOME/recur`, else `~/.cache/recur`; nil
  /// where none of them is known.
  package static var cacheFolder: String? {
    value("RECUR_CACHE_DIR") ?? value("XDG_CACHE_HOME").map { $0 + "/recur" }
      ?? value("HOME").map { $0 + "/.cache/recur" }
  }
}
