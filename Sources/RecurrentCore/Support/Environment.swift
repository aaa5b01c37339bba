#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Environment variables of the process.
package enum Environment {
  /// The value of a variable, or nil if it is unset or empty.
  package static func value(_ name: String) -> String? {
    getenv(name).map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
  }

  /// The folder for files that can be recreated: `$RECUR_CACHE_DIR`, else `$XDG_CACHE_HOME/recur`, else
  /// `~/.cache/recur`; nil if none is set.
  package static var cacheFolder: String? {
    value("RECUR_CACHE_DIR") ?? value("XDG_CACHE_HOME").map { $0 + "/recur" }
      ?? value("HOME").map { $0 + "/.cache/recur" }
  }
}
