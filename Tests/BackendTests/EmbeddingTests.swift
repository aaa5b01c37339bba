import RecurrentCheck
import TestSupport
import Testing

@Suite struct EmbeddingTests {
  @Test(arguments: TestDevice.all, parityCases("embedding"))
  func parity(device: TestDevice, parityCase: ParityCase) throws {
    try expectParity(parityCase, on: device)
  }
}
