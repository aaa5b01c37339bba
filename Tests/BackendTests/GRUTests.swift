import RecurrentCheck
import TestSupport
import Testing

@Suite struct GRUTests {
  @Test(arguments: parityCases("gru"), TestDevice.everyTier)
  func parity(parityCase: ParityCase, device: TestDevice) throws {
    try expectParity(parityCase, on: device)
  }
}
