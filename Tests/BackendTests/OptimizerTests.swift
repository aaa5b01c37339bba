import RecurrentCheck
import TestSupport
import Testing

@Suite struct OptimizerTests {
  @Test(arguments: parityCases("optimizer"), TestDevice.all)
  func parity(parityCase: ParityCase, device: TestDevice) throws {
    try expectParity(parityCase, on: device)
  }
}
