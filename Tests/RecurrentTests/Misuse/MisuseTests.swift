import Recurrent
import RecurrentReference
import TestSupport
import Testing

@testable import RecurrentModel

/// A thousand uses of the public API with random shapes, sizes, orders and devices, most of them wrong: each throws, or does
/// on every device what it does on the oracle. None traps, which would end the tests.
@Suite struct MisuseTests {
  private static let count = 1000

  @Test(arguments: TestDevice.all) func everyMisuseThrowsOrIsRight(_ device: TestDevice) throws {
    try device.run { backend in
      let (oracle, other) = (Device(ReferenceBackend()), Device(backend))
      var outcomes = (thrown: 0, computed: 0)
      for seed in 0..<UInt64(Self.count) {
        let (expected, found) = (Self.outcome(seed, on: oracle), Self.outcome(seed, on: other))
        #expect(expected.matches(found), "seed \(seed), \(Misuse.name(seed)): \(expected), and on the device \(found)")
        if case .thrown = found { outcomes.thrown += 1 } else { outcomes.computed += 1 }
      }
      // Both kinds occur often, or nothing is tested.
      #expect(outcomes.thrown > Self.count / 4 && outcomes.computed > Self.count / 4, "\(outcomes)")
    }
  }

  private static func outcome(_ seed: UInt64, on device: Device) -> Outcome {
    do {
      var misuse = Misuse(seed, on: device)
      return .computed(try misuse.run().map { ($0.shape, try $0.values()) })
    } catch let error as RecurrentError {
      return .thrown(error.kind, "\(error)")
    } catch {
      return .unexpected("\(error)")
    }
  }
}

private enum Outcome: CustomStringConvertible {
  case computed([(shape: [Int], values: [Float])])
  case thrown(RecurrentError.Kind, String)
  case unexpected(String)

  func matches(_ other: Outcome) -> Bool {
    switch (self, other) {
    case (.thrown(let kind, _), .thrown(let otherKind, _)): return kind == otherKind
    case (.computed(let ours), .computed(let theirs)):
      return ours.count == theirs.count
        && zip(ours, theirs).allSatisfy { a, b in
          a.shape == b.shape && a.values.count == b.values.count
            && zip(a.values, b.values).allSatisfy {
              $0 == $1 || $0.isNaN && $1.isNaN || abs($0 - $1) <= 1e-4 * (1 + abs($0))
            }
        }
    default: return false
    }
  }

  var description: String {
    switch self {
    case .computed(let results): "\(results)"
    case .thrown(_, let text): "error \(text)"
    case .unexpected(let text): "unexpected \(text)"
    }
  }
}
