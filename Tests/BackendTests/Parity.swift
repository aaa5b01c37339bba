import RecurrentCheck
import RecurrentCore
import TestSupport
import Testing

/// The suite's cases, each operation's for the tests of its name.
let parityCases = Dictionary(grouping: ParityCase.all(size: .full), by: \.operation)

/// What every parity test does: a case on a device, compared with the oracle.
func expectParity(_ parityCase: ParityCase, on device: TestDevice) throws {
  let result = try device.run { try parityCase.run($0) }
  #expect(result.passed, "\(device): \(result.name): error \(result.error) in \(result.detail)")
}
