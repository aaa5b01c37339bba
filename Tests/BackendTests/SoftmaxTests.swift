import RecurrentCheck
import TestSupport
import Testing

@Suite struct SoftmaxTests {
  @Test(arguments: parityCases("softmax"), TestDevice.bothStyles)
  func parity(parityCase: ParityCase, device: TestDevice) throws {
    try expectParity(parityCase, on: device)
  }
}
