import RecurrentCheck
import TestSupport
import Testing

@Suite struct CRFTests {
  @Test(arguments: TestDevice.everyStyle, parityCases("crf"))
  func parity(device: TestDevice, parityCase: ParityCase) throws {
    try expectParity(parityCase, on: device)
  }
}
