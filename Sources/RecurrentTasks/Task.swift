import ArgumentParser
import RecurrentCore
import RecurrentData
import RecurrentModel

/// A task: what models are trained for.
///
/// A task is a folder with its model, data, options and metrics, and a line in `tasks`. The commands `train`, `evaluate`, `predict`,
/// `inspect` and `run` work through this protocol and name no task. A value of a task is one run's data and model.
package protocol Task: SendableMetatype {
  associatedtype Model: StoredModel
  associatedtype Batch
  /// The options of `recur train NAME`.
  associatedtype Options: TaskOptions
  /// The implementation of `recur evaluate` for such a model, with its options.
  associatedtype Evaluation: TaskEvaluation where Evaluation.Model == Model
  /// The implementation of `recur predict` for such a model, with its options.
  associatedtype Prediction: TaskPrediction = NoPrediction<Model> where Prediction.Model == Model
  /// The implementation of `recur inspect --gradient-flow` for such a model, with its options.
  associatedtype Flow: TaskFlow where Flow.Model == Model

  /// The name of the task, the subcommand of `recur train`.
  static var name: String { get }
  /// A sentence for help, which begins with `Train`.
  static var abstract: String { get }
  /// The format of the data, for help.
  static var discussion: String { get }
  /// What one of its models is: `classifier`.
  static var noun: String { get }
  /// The command that uses a trained model.
  static var usage: String { get }
  /// The option of the command for its input; empty if it needs none.
  /// - Parameter data: The data of the training.
  static func usageInput(_ data: String) -> String
  /// The output of `recur predict`, for help; nil if the task has another command for predictions.
  static var predictions: String? { get }
  /// The input and output tensors of `recur run`, for help.
  static var tensors: String { get }

  /// Runs a model on the tensors of a file: `recur run`.
  /// - Parameter input: The tensors, and how errors call their file.
  static func run(_ model: Model, _ input: InputTensors, on tape: Tape) throws -> [String: Tensor]

  /// Marks sparse and frozen parameters of a model.
  static func prepare(_ model: Model, for options: Options)

  /// Reads the data and creates the model.
  /// - Parameters:
  ///   - settings: Those of the run; the fingerprints are those of the data that it began with, or none.
  ///   - origin: Where the model comes from.
  ///   - say: Gets notes about the data.
  init(_ settings: TrainingSettings<Options>, _ origin: ModelOrigin<Model>, say: (String) -> Void) throws

  /// The settings of the run, with the fingerprints of the data.
  var settings: TrainingSettings<Options> { get }
  /// The model before training, not yet on a device.
  var model: Model { get }
  /// The number of optimizer steps per epoch.
  var stepsPerEpoch: Int { get }
  /// The unit of the weight of a loss: `tokens`.
  var unit: String { get }
  /// The selection of the best epoch; nil if the last epoch is kept.
  var stopping: EarlyStopping? { get }
  /// Notes for the start of the training.
  var notes: [String] { get }

  /// The batches of an epoch, from 0; deterministic.
  func batches(epoch: Int) -> AnySequence<Batch>
  /// The loss of a batch.
  func loss(of batch: Batch, carrying: [RecurrentState], on tape: Tape) throws -> BatchLoss
  /// The loss and the metrics on the validation data.
  func validate(_ trainer: Trainer<Model, Batch>) throws -> Validation
}

/// The origin of a run's model.
package enum ModelOrigin<Model> {
  /// A new model, described by the options.
  case new
  /// The model of a resumed run, without weights, which are in the checkpoint.
  case resumed(Model)
  /// A new run that starts from these weights: `--from`.
  case pretrained(Model)

  /// The model; nil if it is new.
  var model: Model? {
    switch self {
    case .new: nil
    case .resumed(let model), .pretrained(let model): model
    }
  }

  /// The origin of a part of the model.
  func map<Part>(_ part: (Model) -> Part) -> ModelOrigin<Part> {
    switch self {
    case .new: .new
    case .resumed(let model): .resumed(part(model))
    case .pretrained(let model): .pretrained(part(model))
    }
  }

  /// Whether the run is resumed.
  var isResumed: Bool { if case .resumed = self { true } else { false } }
}

/// The implementation of `recur evaluate` for the models of a task, with its options.
package protocol TaskEvaluation: ParsableArguments {
  associatedtype Model: StoredModel

  /// Evaluates a model on labelled data.
  /// - Parameters:
  ///   - path: The data.
  ///   - batch: The batch size.
  ///   - makeTape: Moves the model to its device, and gives a tape there in evaluation mode; to be called once the data is read.
  ///   - say: Gets notes about the data.
  func evaluate(_ model: Model, on path: String, batch: Int, makeTape: () throws -> Tape, say: (String) -> Void) throws
    -> EvaluationReport
}

/// The output of `recur evaluate`.
package struct EvaluationReport {
  /// The output as text.
  package let text: String
  /// The output with `--json`.
  package let json: any Encodable
}

/// The implementation of `recur predict` for the models of a task, with its options.
package protocol TaskPrediction: ParsableArguments {
  associatedtype Model: StoredModel

  /// Whether the options ask for predictions of lines as they arrive on standard input, instead of `predict`.
  var isStream: Bool { get }

  /// Predicts each input, in order.
  /// - Parameters:
  ///   - makeTape: See `TaskEvaluation`.
  ///   - sink: Gets the predictions.
  func predict(
    _ model: Model, for source: PredictionSource, batch: Int, makeTape: () throws -> Tape, to sink: PredictionSink
  ) throws

  /// Predicts after each line.
  /// - Parameters:
  ///   - history: A file or folder that comes before the lines; nil for none.
  ///   - nextLine: Gives the next line; nil after the last.
  func predict(
    _ model: Model, after history: String?, nextLine: () -> String?, makeTape: () throws -> Tape,
    to sink: PredictionSink
  ) throws
}

extension TaskPrediction {
  package var isStream: Bool { false }

  package func predict(
    _ model: Model, after history: String?, nextLine: () -> String?, makeTape: () throws -> Tape,
    to sink: PredictionSink
  ) {}
}

/// The inputs of a prediction.
package enum PredictionSource {
  /// A file or folder.
  case data(String)
  /// A text on the command line.
  case text(String)
}

/// A printed prediction.
package struct PredictionLine {
  /// The output as text, including line ends.
  package let text: String
  /// The output with `--json`; nil for a heading.
  package let json: (any Encodable)?
}

/// The destination of predictions: standard output, a chart, notes.
package struct PredictionSink {
  /// Prints a prediction.
  package let put: (PredictionLine) throws -> Void
  /// Draws a chart on standard error.
  package let show: (TimeChart) -> Void
  /// Whether standard error is a terminal.
  package let isTerminal: Bool
  /// Gets notes about the data.
  package let say: (String) -> Void

  /// A sink of these functions.
  package init(
    put: @escaping (PredictionLine) throws -> Void, show: @escaping (TimeChart) -> Void, isTerminal: Bool,
    say: @escaping (String) -> Void
  ) {
    (self.put, self.show, self.isTerminal, self.say) = (put, show, isTerminal, say)
  }
}

/// A prediction for tasks without `recur predict`.
package struct NoPrediction<Model: StoredModel>: TaskPrediction {
  package init() {}

  package func predict(
    _ model: Model, for source: PredictionSource, batch: Int, makeTape: () throws -> Tape, to sink: PredictionSink
  ) {}
}

/// The implementation of `recur inspect --gradient-flow` for the models of a task, with its options.
package protocol TaskFlow: ParsableArguments {
  associatedtype Model: StoredModel

  /// The loss that is differentiated; nil if the model has only one.
  var loss: GradientFlow.Loss? { get }
  /// Measures the gradient of the loss at each time step.
  func measure(_ model: Model, on path: String, tape: Tape, say: (String) -> Void) throws -> GradientFlow
}

extension Task {
  /// The task's name in `config.json`.
  package static var modelTask: String { Model.Configuration.task }

  /// The number of steps between reports of the progress.
  package var stepsPerReport: Int { max(1, min(50, stepsPerEpoch / 20)) }

  package static func usageInput(_ data: String) -> String { "" }

  /// What its models are, in the plural.
  package static var models: String { noun + "s" }

  /// Prints a line about the training, and the notes.
  package func sayBeginning(on device: DeviceDescription, _ say: (String) -> Void) {
    say(
      "Training \(model.parameterCount.grouped) parameters on \(settings.data): \(stepsPerEpoch.counted("step")) per epoch, "
        + "\(settings.epochs.counted("epoch")), on \(device.identifier) (\(device.name)).")
    notes.forEach(say)
  }
}

extension Trainer {
  /// A trainer with the settings of a task.
  package convenience init<T: Task>(_ task: T, on device: Device) throws where T.Model == Model, T.Batch == Batch {
    let training = task.settings.training
    try self.init(
      task.model,
      optimizer: training.optimizer.make(
        learningRate: training.learningRate, weightDecay: training.weightDecay, momentum: training.momentum),
      schedule: training.schedule.make(total: task.stepsPerEpoch * task.settings.epochs),
      clipNorm: training.clipNorm > 0 ? training.clipNorm : nil,
      clipValue: training.clipValue > 0 ? training.clipValue : nil,
      averaging: training.average.weights, seed: training.seed, device: device
    ) { try task.loss(of: $1, carrying: $2, on: $3) }
  }
}
