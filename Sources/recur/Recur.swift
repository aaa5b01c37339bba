import ArgumentParser
import Recurrent
import RecurrentCore

/// The command line. Each command is a file or a folder in this folder.
@main
struct Recur: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "recur", abstract: "Train and run recurrent neural networks on the CPU, or on GPUs with OpenCL.",
    discussion: """
      Exit codes: 0 done, 1 failed, 64 invalid option or value, 130 stopped and saved.
      Environment variables: RECUR_DEVICE, RECUR_THREADS, RECUR_CPU_LEVEL, RECUR_CACHE_DIR, RECUR_OPENCL_LIBRARY; RECUR_DATA_DIR for tests.
      """,
    version: recurVersion,
    subcommands: [
      Devices.self, Demo.self, Train.self, CrossValidate.self, Generate.self, Translate.self, Predict.self,
      Evaluate.self, Inspect.self,
      Run.self,
      Check.self, Bench.self,
    ])

  /// Runs the command; a fault becomes one line and an exit code.
  static func main() {
    Device.explainDriverCrashes()
    do {
      try HostMemory.requireAddresses(5 << 20, for: "a start", remedy: "raise the limit (ulimit -v)")
      try Invocation.current.requireHelpExists()
      var command = try parseAsRoot()
      try command.run()
    } catch let error as RecurrentError {
      Console.fail(error.description, code: error.kind == .invalidArgument ? .usage : .failure)
    } catch let error as ArgumentParser.ExitCode {
      exit(withError: error)
    } catch {
      // Help and version are errors to the parser, with an exit code of 0.
      if exitCode(for: error) == .success { exit(withError: error) }
      guard exitCode(for: error) == .validationFailure else { Console.fail(message(for: error), code: .failure) }
      Console.fail(Invocation.current.line(message(for: error)), code: .usage)
    }
  }
}
