import RecurrentCheck
import TestSupport
import Testing

@Suite struct MatmulTests {
  @Test(arguments: TestDevice.all, parityCases("matmul"))
  func parity(device: TestDevice, parityCase: ParityCase) throws {
    try expectParity(parityCase, on: device)
  }
}
