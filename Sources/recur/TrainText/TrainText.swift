import ArgumentParser
import Recurrent

/// `recur train text`
struct TrainText: TrainCommand {
  static let configuration = CommandConfiguration(
    commandName: "text", abstract: "Train a model of characters or words on a text file.",
    discussion: """
      With --resume a run goes on where it stopped, with its own settings: they need not be given again, and only --data and \
      --validation (the same texts elsewhere), --epochs, --checkpoint-every, --keep and the device may change.
      """)

  @OptionGroup(title: "Run") var options: RunOptions
  @OptionGroup(title: "Model") var network: NetworkOptions
  @OptionGroup(title: "Training") var training: TrainingOptions

  @Option(
    help: """
      What a token is; whitespace is for a text that is tokenized already, as Penn Treebank: its tokens as they are, and <eos> \
      for each line end. (default: characters)
      """)
  var tokens: TokenKind?

  @Option(
    parsing: .unconditional, help: "The largest number of symbols; rarer ones become one unknown symbol. (default: all)"
  )
  var vocabulary: Int?

  @Option(parsing: .unconditional, help: "Steps that the gradient goes back. (default: 50)")
  var sequence: Int?

  func settings(data: String, validation: String?, validationFraction: Double) throws -> TextSettings {
    TextSettings(
      data: data, validation: validation, validationFraction: validationFraction, tokens: tokens,
      vocabulary: vocabulary, sequence: sequence, network: NetworkSettings(network),
      training: TrainingSettings(training))
  }

  func differing(from settings: TextSettings) -> [String] {
    [
      ifChanged("--tokens", tokens, settings.tokens), ifChanged("--vocabulary", vocabulary, settings.vocabulary),
      ifChanged("--sequence", sequence, settings.sequence),
    ].compactMap(\.self)
  }

  func task(_ settings: TextSettings, resumed: ModelFolder?) throws -> TextTask {
    try TextTask(settings, vocabulary: resumed?.vocabulary())
  }
}
