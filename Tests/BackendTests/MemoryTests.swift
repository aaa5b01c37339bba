import RecurrentCheck
import TestSupport
import Testing

@Suite struct MemoryTests {
  @Test(arguments: parityCases("memory"), TestDevice.all)
  func parity(parityCase: ParityCase, device: TestDevice) throws {
    try expectParity(parityCase, on: device)
  }
}
