import RecurrentCheck
import TestSupport
import Testing

@Suite struct SoftmaxTests {
  @Test(arguments: TestDevice.everyStyle, parityCases("softmax"))
  func parity(device: TestDevice, parityCase: ParityCase) throws {
    try expectParity(parityCase, on: device)
  }
}
