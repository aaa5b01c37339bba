import Kernels
import RecurrentCPU
import RecurrentCore
import Testing

/// Philox against the known answer of its authors' `kat_vectors`, and against the host's own.
struct RandomTests {
  @Test(arguments: CPULevel.allCases.filter(\.isSupported))
  func givesTheKnownAnswer(level: CPULevel) throws {
    let kernels = try #require(cpuKernels(level.rawValue)).pointee
    var words = [UInt32](repeating: 0, count: 4)
    kernels.philox(&words, 1, 0, 0, 0, 0)
    #expect(words == [0x6627_E8D5, 0xE169_C58D, 0xBC57_AC4C, 0x9B00_DBD8])
  }

  @Test(arguments: CPULevel.allCases.filter(\.isSupported))
  func drawsAsTheHostDoes(level: CPULevel) throws {
    let kernels = try #require(cpuKernels(level.rawValue)).pointee
    let (seed, layer, step): (UInt64, UInt32, UInt64) = (0x0123_4567_89AB_CDEF, 7, 0x1_0000_0003)
    var words = [UInt32](repeating: 0, count: 4 * 37)
    kernels.philox(&words, 37, 5, seed, layer, step)
    for i in 0..<37 {
      let expected = Philox(key: seed)(
        SIMD4(UInt32(5 + i), layer, UInt32(truncatingIfNeeded: step), UInt32(step >> 32)))
      #expect((0..<4).map { words[4 * i + $0] } == (0..<4).map { expected[$0] })
    }
  }

  /// A run that starts within a counter gives what the whole gives there.
  @Test(arguments: CPULevel.allCases.filter(\.isSupported))
  func dropsTheSameInAnyPiece(level: CPULevel) throws {
    let kernels = try #require(cpuKernels(level.rawValue)).pointee
    let x = [Float](repeating: 1, count: 300)
    var whole = [Float](repeating: 0, count: 300)
    kernels.dropout(x, &whole, 300, 0, 0, 9, 1, 2, 1 << 31, 2)
    for first in [1, 2, 3, 63, 64, 65, 130] {
      var part = [Float](repeating: 0, count: 300 - first)
      kernels.dropout(x, &part, part.count, 0, UInt64(first), 9, 1, 2, 1 << 31, 2)
      #expect(part == Array(whole[first...]))
    }
    let kept = whole.filter { $0 == 2 }.count
    #expect((110...190).contains(kept) && whole.allSatisfy { $0 == 0 || $0 == 2 })
  }
}
