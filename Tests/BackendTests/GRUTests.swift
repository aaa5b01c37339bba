import RecurrentCheck
import TestSupport
import Testing

@Suite struct GRUTests {
  @Test(arguments: TestDevice.everyStyle, parityCases("gru"))
  func parity(device: TestDevice, parityCase: ParityCase) throws {
    try expectParity(parityCase, on: device)
  }
}
