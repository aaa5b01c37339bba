import RecurrentCheck
import TestSupport
import Testing

@Suite struct MemoryTests {
  @Test(arguments: TestDevice.all, parityCases("memory"))
  func parity(device: TestDevice, parityCase: ParityCase) throws {
    try expectParity(parityCase, on: device)
  }
}
