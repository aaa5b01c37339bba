import RecurrentCheck
import TestSupport
import Testing

@Suite struct FoldTests {
  @Test(arguments: TestDevice.bothStyles, parityCases("fold"))
  func parity(device: TestDevice, parityCase: ParityCase) throws {
    try expectParity(parityCase, on: device)
  }
}
