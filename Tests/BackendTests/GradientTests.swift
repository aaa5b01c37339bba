import RecurrentCheck
import Testing

/// The oracle's gradients, by which all others are judged, against central differences.
@Suite struct GradientTests {
  @Test(arguments: GradientCase.all)
  func centralDifferences(gradientCase: GradientCase) throws {
    let result = try gradientCase.run()
    #expect(result.passed, "\(result.name): relative error \(result.error) in \(result.detail)")
  }
}
