import RecurrentCheck
import TestSupport
import Testing

@Suite struct ElementwiseTests {
  @Test(arguments: parityCases("elementwise"), TestDevice.all)
  func parity(parityCase: ParityCase, device: TestDevice) throws {
    try expectParity(parityCase, on: device)
  }
}
