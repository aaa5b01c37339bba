import RecurrentCheck
import RecurrentCore
import TestSupport
import Testing

/// The suite's cases of one operation, for the tests of its name. No cases would pass as tests that ran.
func parityCases(_ operation: String) -> [ParityCase] {
  let cases = ParityCase.all(size: .full).filter { $0.operation == operation }
  precondition(!cases.isEmpty, "the suite has no cases of \(operation)")
  return cases
}

/// What every parity test does: a case on a device, compared with the oracle.
func expectParity(_ parityCase: ParityCase, on device: TestDevice) throws {
  let result = try device.run { try parityCase.run($0) }
  #expect(result.passed, "\(device): \(result.name): error \(result.error) in \(result.detail)")
}
