import RecurrentCheck
import TestSupport
import Testing

@Suite struct AttentionTests {
  @Test(arguments: parityCases("attention"), TestDevice.bothStyles)
  func parity(parityCase: ParityCase, device: TestDevice) throws {
    try expectParity(parityCase, on: device)
  }
}
