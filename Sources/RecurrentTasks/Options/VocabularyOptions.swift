import ArgumentParser
import RecurrentModel

/// The selection of the vocabulary.
package struct VocabularyOptions: ParsableArguments {
  @Option(
    "Maximum vocabulary size, including the unknown token <unk>; rarer tokens are replaced by it. (default: all)",
    .atLeast(2))
  package var vocabulary: Int?

  @Option(
    "Minimum count of a token in the training data; rarer tokens are replaced by <unk>.", .atLeast(1))
  package var minimumCount = 1

  @Flag(help: "Convert words to lower case.")
  package var lowercase = false

  package init() {}
}
