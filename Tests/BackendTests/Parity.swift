import Foundation
import RecurrentCheck
import RecurrentCore
import Synchronization
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
  return cases.count < 90 ? cases : stride(from: 0, to: cases.count, by: max(1, every)).map { cases[$0] }
}

/// What every parity test does: a case on a device, compared with the oracle. Cases come before devices in the tests'
/// arguments, so that each runs on the oracle once.
func expectParity(_ parityCase: ParityCase, on device: TestDevice) throws {
  let result = try lastCase.withLock { last in
    if last?.name != parityCase.name { last = (parityCase.name, try parityCase.prepared()) }
    return try device.run { try last?.check($0, true) }
  }
  let found = try #require(result)
  #expect(found.passed, "\(device): \(found.name): error \(found.error) in \(found.detail)")
}

/// The case that ran last, prepared. One: the large ones hold 100 MB.
private let lastCase = Mutex<(name: String, check: ParityCase.Check)?>(nil)

extension OpenCLDevice {
  /// The devices that tests run on. (In Oclgrind, `oclgrind.sh` runs the cases.)
  static func tested() throws -> [OpenCLDevice] {
    let devices = try all(.open()).filter { !($0.name + $0.driver).contains("Oclgrind") }
    try #require(!devices.isEmpty)
    return devices
  }
}
