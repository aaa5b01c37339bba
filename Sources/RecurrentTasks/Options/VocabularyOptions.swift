import ArgumentParser
import RecurrentModel

/// The selection of the vocabulary.
package struct VocabularyOptions: ParsableArguments {
  @Option(
    "Maximum vocabulary size, including the unknown symbol; rarer symbols are replaced by it. (default: all)",
    .atLeast(2))
  package var vocabulary: Int?

  @Option(
    "Minimum count of a symbol in the training data; rarer symbols are replaced by the unknown symbol.", .atLeast(1))
  package var minimumCount = 1

  @Flag(help: "Convert words to lower case.")
  package var lowercase = false

  package init() {}
}
