import RecurrentCheck
import TestSupport
import Testing

@Suite struct ElementwiseTests {
  @Test(arguments: TestDevice.all, parityCases("elementwise"))
  func parity(device: TestDevice, parityCase: ParityCase) throws {
    try expectParity(parityCase, on: device)
  }
}
