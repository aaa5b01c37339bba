import RecurrentCheck
import TestSupport
import Testing

@Suite struct FoldTests {
  @Test(arguments: parityCases("fold"), TestDevice.bothStyles)
  func parity(parityCase: ParityCase, device: TestDevice) throws {
    try expectParity(parityCase, on: device)
  }
}
