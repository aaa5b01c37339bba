import Foundation
import RecurrentCheck
import RecurrentCore
import TestSupport
import Testing

@testable import RecurrentOpenCL

/// The suite's cases of one operation, for the tests of its name. No cases would pass as tests that ran.
///
/// `RECUR_TEST_EVERY=40` takes every fortieth of those that are many: for sanitizers, under which the oracle is slow.
func parityCases(_ operation: String) -> [ParityCase] {
  let cases = ParityCase.all(size: .full).filter { $0.operation == operation }
  precondition(!cases.isEmpty, "the suite has no cases of \(operation)")
  let every = ProcessInfo.processInfo.environment["RECUR_TEST_EVERY"].flatMap { Int($0) } ?? 1
  return cases.count < 100 ? cases : stride(from: 0, to: cases.count, by: max(1, every)).map { cases[$0] }
}

/// What every parity test does: a case on a device, compared with the oracle.
func expectParity(_ parityCase: ParityCase, on device: TestDevice) throws {
  let result = try device.run { try parityCase.run($0) }
  #expect(result.passed, "\(device): \(result.name): error \(result.error) in \(result.detail)")
}

extension OpenCLDevice {
  /// The devices that tests run on. (In Oclgrind, `oclgrind.sh` runs the cases.)
  static func tested() throws -> [OpenCLDevice] {
    let devices = try all(.open()).filter { !($0.name + $0.driver).contains("Oclgrind") }
    try #require(!devices.isEmpty)
    return devices
  }
}
