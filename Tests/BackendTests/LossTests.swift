import RecurrentCheck
import TestSupport
import Testing

@Suite struct LossTests {
  @Test(arguments: TestDevice.all, parityCases("loss"))
  func parity(device: TestDevice, parityCase: ParityCase) throws {
    try expectParity(parityCase, on: device)
  }
}
