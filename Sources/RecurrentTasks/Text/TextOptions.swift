import ArgumentParser
import RecurrentCore
import RecurrentModel

/// The options of `recur train text`.
package struct TextOptions: TaskOptions {
  @OptionGroup(title: "Data") package var validation: ValidationOptions

  @Option(
    help: """
      Tokens: characters, words, or whitespace for a text that is tokenized already, as Penn Treebank: its tokens as they are, \
      and <eos> for each line end.
      """)
  package var tokens = TokenKind.characters

  @Option("Maximum vocabulary size; rarer symbols become the unknown symbol. (default: all)", .atLeast(2))
  package var vocabulary: Int?

  @OptionGroup(title: "Model") package var network: NetworkOptions
  @OptionGroup(title: "Training") package var training: TrainingOptions

  @Option("Truncated-BPTT length: steps of a sequence.", .range(1...1_000_000))
  package var sequence = 50

  package init() {}

  package func check(validates: Bool) throws {
    guard network.cell != .feedForward else {
      throw RecurrentError(
        .invalidArgument, "a language model has memory", at: "--cell", remedy: "take elman, lstm or gru")
    }
    try requireUse(
      network.dropout == 0 || network.layers > 1, "--dropout", "it is between layers, and there is one",
      remedy: "take --layers 2 or more, or leave it out")
  }
}
