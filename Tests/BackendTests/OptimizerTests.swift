import RecurrentCheck
import TestSupport
import Testing

@Suite struct OptimizerTests {
  @Test(arguments: TestDevice.all, parityCases("optimizer"))
  func parity(device: TestDevice, parityCase: ParityCase) throws {
    try expectParity(parityCase, on: device)
  }
}
