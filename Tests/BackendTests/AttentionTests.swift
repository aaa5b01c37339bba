import RecurrentCheck
import TestSupport
import Testing

@Suite struct AttentionTests {
  @Test(arguments: TestDevice.everyStyle, parityCases("attention"))
  func parity(device: TestDevice, parityCase: ParityCase) throws {
    try expectParity(parityCase, on: device)
  }
}
