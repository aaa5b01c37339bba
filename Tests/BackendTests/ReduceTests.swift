import RecurrentCheck
import TestSupport
import Testing

@Suite struct ReduceTests {
  @Test(arguments: parityCases("reduce"), TestDevice.bothStyles)
  func parity(parityCase: ParityCase, device: TestDevice) throws {
    try expectParity(parityCase, on: device)
  }
}
