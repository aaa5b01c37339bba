import RecurrentCheck
import TestSupport
import Testing

@Suite struct MapTests {
  @Test(arguments: parityCases("map"), TestDevice.bothStyles)
  func parity(parityCase: ParityCase, device: TestDevice) throws {
    try expectParity(parityCase, on: device)
  }
}
