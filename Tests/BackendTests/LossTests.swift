import RecurrentCheck
import TestSupport
import Testing

@Suite struct LossTests {
  @Test(arguments: parityCases("loss"), TestDevice.bothStyles)
  func parity(parityCase: ParityCase, device: TestDevice) throws {
    try expectParity(parityCase, on: device)
  }
}
