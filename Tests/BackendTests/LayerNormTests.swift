import RecurrentCheck
import TestSupport
import Testing

@Suite struct LayerNormTests {
  @Test(arguments: parityCases("layernorm"), TestDevice.bothStyles)
  func parity(parityCase: ParityCase, device: TestDevice) throws {
    try expectParity(parityCase, on: device)
  }
}
