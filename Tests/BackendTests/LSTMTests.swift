import RecurrentCheck
import TestSupport
import Testing

@Suite struct LSTMTests {
  @Test(arguments: TestDevice.everyStyle, parityCases("lstm"))
  func parity(device: TestDevice, parityCase: ParityCase) throws {
    try expectParity(parityCase, on: device)
  }
}
