import ArgumentParser
import RecurrentTasks
import Testing

/// The values of options, read from their declarations.
struct OptionValuesTests {
  private struct Options: ParsableArguments {
    @Flag(inversion: .prefixedNo) var shuffle = true
    @Flag(inversion: .prefixedNo) var comments: Bool?
    @Flag var lowercase = false
    @Option var seed = 1
    @Option var name: String?
  }

  /// As arguments again they give the same options, also flags that are set unless they are turned off.
  @Test(arguments: [
    ([], ["--seed=1", "--shuffle"]), (["--no-shuffle", "--lowercase"], ["--lowercase", "--seed=1", "--no-shuffle"]),
    (["--no-comments", "--name=-x"], ["--no-comments", "--name=-x", "--seed=1", "--shuffle"]),
    (["--comments", "--seed=-3"], ["--comments", "--seed=-3", "--shuffle"]),
  ])
  func valuesAreArguments(given: [String], expected: [String]) throws {
    let values = try OptionValues(Options.parse(given))
    #expect(values.arguments == expected)
    #expect(try OptionValues(Options.parse(values.arguments)) == values)
  }
}
