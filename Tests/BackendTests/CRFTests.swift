import RecurrentCheck
import TestSupport
import Testing

@Suite struct CRFTests {
  @Test(arguments: parityCases("crf"), TestDevice.bothStyles)
  func parity(parityCase: ParityCase, device: TestDevice) throws {
    try expectParity(parityCase, on: device)
  }
}
