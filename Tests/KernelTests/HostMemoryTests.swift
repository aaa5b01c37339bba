import RecurrentCore
import Testing

/// What the host can give; `ShortMemoryTests` runs out of it.
struct HostMemoryTests {
  @Test func whatThereIs() throws {
    let left = try #require(HostMemory.left)
    #expect(0 < left && left < HostMemory.limit)
    try HostMemory.require(0, remedy: "")
    try HostMemory.require(2 << 20, remedy: "")
  }

  @Test(arguments: [1 << 50, Int.max])
  func whatThereIsNot(bytes: Int) throws {
    let error = try #require(throws: RecurrentError.self) {
      try HostMemory.require(bytes, for: "a test", at: "here", remedy: "do nothing")
    }
    #expect(error.kind == .outOfMemory)
    #expect(error.description.hasPrefix("here: not enough memory for a test: \(bytes.asBytes) requested, "))
    #expect(error.description.hasSuffix(" available; do nothing"))
  }

  @Test func sizes() {
    let sizes = [0, 61_440, 1_048_575, 1 << 20, 2_726_298, 3 << 29, 1 << 50]
    #expect(
      sizes.map(\.asBytes) == [
        "0 bytes", "61,440 bytes", "1,048,575 bytes", "1.0 MiB", "2.6 MiB", "1.5 GiB", "1024.0 TiB",
      ])
  }
}
