import ArgumentParser

/// `recur train`: a command for each shape of data.
struct Train: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Train a model.", subcommands: [TrainText.self, TrainClassify.self, TrainTag.self])
}
