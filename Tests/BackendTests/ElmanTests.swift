import RecurrentCheck
import TestSupport
import Testing

@Suite struct ElmanTests {
  @Test(arguments: parityCases("elman"), TestDevice.everyTier)
  func parity(parityCase: ParityCase, device: TestDevice) throws {
    try expectParity(parityCase, on: device)
  }
}
