import RecurrentCheck
import TestSupport
import Testing

@Suite struct LayerNormTests {
  @Test(arguments: TestDevice.everyStyle, parityCases("layernorm"))
  func parity(device: TestDevice, parityCase: ParityCase) throws {
    try expectParity(parityCase, on: device)
  }
}
