import RecurrentCheck
import RecurrentCore
import TestSupport
import Testing

@Suite struct RandomTests {
  @Test(arguments: parityCases("random"), TestDevice.all)
  func parity(parityCase: ParityCase, device: TestDevice) throws {
    try expectParity(parityCase, on: device)
  }

  /// The known answers of philox4x32-10 that come with Random123.
  @Test func knownAnswers() {
    let zero = Philox(key: 0)(SIMD4(0, 0, 0, 0))
    #expect(zero == SIMD4(0x6627_E8D5, 0xE169_C58D, 0xBC57_AC4C, 0x9B00_DBD8))
    let ones = Philox(key: .max)(SIMD4(.max, .max, .max, .max))
    #expect(ones == SIMD4(0x408F_276D, 0x41C8_3B0E, 0xA20B_C7C6, 0x6D54_51FD))
    let pi = Philox(key: 0x299F_31D0_A409_3822)(SIMD4(0x243F_6A88, 0x85A3_08D3, 0x1319_8A2E, 0x0370_7344))
    #expect(pi == SIMD4(0xD16C_FE09, 0x94FD_CCEB, 0x5001_E420, 0x2412_6EA1))
  }

  /// Dropout drops its share.
  @Test(arguments: TestDevice.all)
  func share(device: TestDevice) throws {
    let kept = try device.run { backend in
      let x = try backend.upload([Float](repeating: 1, count: 100_000), columns: 100_000)
      let key = RandomKey(seed: 1, step: 2, layer: 3)
      try backend.dropout(ApplyDropout(x, probability: 0.3, key: key, into: .set(x)))
      return try backend.download(x).count { $0 != 0 }
    }
    // Five standard deviations of a binomial.
    #expect(abs(kept - 70_000) < 725)
  }
}
