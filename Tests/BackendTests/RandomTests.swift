import RecurrentCheck
import TestSupport
import Testing

@Suite struct RandomTests {
  @Test(arguments: TestDevice.all, parityCases["random"] ?? [])
  func parity(device: TestDevice, parityCase: ParityCase) throws {
    try expectParity(parityCase, on: device)
  }
}
