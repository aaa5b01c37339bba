import RecurrentCheck
import TestSupport
import Testing

@Suite struct ElmanTests {
  @Test(arguments: TestDevice.everyStyle, parityCases("elman"))
  func parity(device: TestDevice, parityCase: ParityCase) throws {
    try expectParity(parityCase, on: device)
  }
}
