import RecurrentCheck
import TestSupport
import Testing

@Suite struct LSTMTests {
  @Test(arguments: parityCases("lstm"), TestDevice.everyTier)
  func parity(parityCase: ParityCase, device: TestDevice) throws {
    try expectParity(parityCase, on: device)
  }
}
