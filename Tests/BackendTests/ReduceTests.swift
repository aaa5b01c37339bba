import RecurrentCheck
import TestSupport
import Testing

@Suite struct ReduceTests {
  @Test(arguments: TestDevice.everyStyle, parityCases("reduce"))
  func parity(device: TestDevice, parityCase: ParityCase) throws {
    try expectParity(parityCase, on: device)
  }
}
