import RecurrentCheck
import TestSupport
import Testing

@Suite struct ElmanTests {
  @Test(arguments: TestDevice.all, parityCases("elman"))
  func parity(device: TestDevice, parityCase: ParityCase) throws {
    try expectParity(parityCase, on: device)
  }
}
