import Foundation
import RecurrentCore
import Synchronization
import Testing

@testable import RecurrentCPU

/// The threads, and what a person can ask for.
struct ThreadPoolTests {
  @Test(arguments: [1, 2, 3, 8])
  func coversEveryItemOnce(threads: Int) throws {
    let pool = try ThreadPool(threads)
    let total = Atomic<Int>(0)
    for items in 0..<400 {
      pool.split(items) { part in total.add(part.reduce(0, +) + part.count, ordering: .relaxed) }
    }
    #expect(total.load(ordering: .relaxed) == (0..<400).reduce(0) { $0 + $1 * ($1 + 1) / 2 })
  }

  @Test(arguments: [0, -1, 1_025])
  func refusesImpossibleThreads(threads: Int) {
    #expect(throws: RecurrentError.self) { try CPUBackend(threads: threads) }
  }

  /// Where the system starts no more threads, those that there are do the work; who asked for a number is told.
  @Test func threadsThatDoNotStart() throws {
    let addresses = __rlimit_resource_t(RLIMIT_AS.rawValue)
    var limit = rlimit()
    getrlimit(addresses, &limit)
    var before = limit
    // Less than the stacks of 64 threads take.
    let pages = try #require(
      String(contentsOfFile: "/proc/self/statm", encoding: .utf8).split(separator: " ").first.flatMap { UInt($0) })
    limit.rlim_cur = pages * UInt(sysconf(Int32(_SC_PAGESIZE))) + 100 << 20
    setrlimit(addresses, &limit)
    let pool = Result { try ThreadPool(64, orFewer: true) }
    let refused = Result { try ThreadPool(64) }
    setrlimit(addresses, &before)
    let count = try pool.get().count
    #expect((1..<64).contains(count))
    let total = Atomic<Int>(0)
    try pool.get().split(1_000) { total.add($0.count, ordering: .relaxed) }
    #expect(total.load(ordering: .relaxed) == 1_000)
    #expect { try refused.get() } throws: { "\($0)".contains("did not start (") }
  }

  /// Gates that drift into denormal numbers would run ten times slower; the caller's own arithmetic keeps them.
  @Test(arguments: [1, 3])
  func takesDenormalNumbersAsZero(threads: Int) throws {
    let backend = try CPUBackend(threads: threads)
    let tiny = Float(bitPattern: 1_000)
    let x = try backend.upload([Float](repeating: tiny, count: 100_000), columns: 100_000)
    try backend.scale(Scale(x, by: 1, into: .set(x)))
    #expect(try backend.download(x).allSatisfy { $0 == 0 })
    #expect([tiny].map { $0 * 2 } == [Float(bitPattern: 2_000)])
  }

  @Test
  func saysWhatItIs() throws {
    let device = try CPUBackend(level: .best, threads: 2).device
    #expect(device.identifier == "cpu")
    #expect(device.variant == "cpu \(CPULevel.best)")
    #expect(!device.name.isEmpty && device.memory > 0)
  }

  /// Memory of another device is an error, not a crash.
  @Test
  func refusesMemoryOfAnotherDevice() throws {
    final class Foreign: Buffer { let count = 4 }
    let region = try Region(Foreign(), columns: 4)
    #expect(throws: RecurrentError.self) { try CPUBackend(threads: 1).fill(region, with: 0) }
  }
}
