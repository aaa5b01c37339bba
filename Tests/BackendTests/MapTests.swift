import RecurrentCheck
import TestSupport
import Testing

@Suite struct MapTests {
  @Test(arguments: TestDevice.bothStyles, parityCases("map"))
  func parity(device: TestDevice, parityCase: ParityCase) throws {
    try expectParity(parityCase, on: device)
  }
}
