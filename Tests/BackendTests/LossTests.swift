import RecurrentCheck
import TestSupport
import Testing

@Suite struct LossTests {
  @Test(arguments: TestDevice.everyStyle, parityCases("loss"))
  func parity(device: TestDevice, parityCase: ParityCase) throws {
    try expectParity(parityCase, on: device)
  }
}
