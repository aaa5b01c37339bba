import ArgumentParser
import RecurrentTasks

/// `recur train`: a command for each task.
struct Train: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Train a model.", subcommands: tasks.map { command(of: $0) })

  private static func command<T: Task>(of _: T.Type) -> any ParsableCommand.Type { TrainCommand<T>.self }
}
