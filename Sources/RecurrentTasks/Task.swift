import ArgumentParser
import RecurrentCore
import RecurrentModel

/// What models are trained for: texts that go on, texts with labels, sentences with tags.
///
/// A task is a folder with its model, data, options and metrics, and a line in `tasks`. The commands `train`, `evaluate`, `predict`,
/// `inspect` and `run` work through this protocol and name no task. A value of a task is one run's data and model.
package protocol Task: SendableMetatype {
  associatedtype Model: StoredModel
  associatedtype Batch
  /// The options of `recur train NAME`.
  associatedtype Options: TaskOptions
  /// The options of `recur evaluate` for such a model, and the measuring.
  associatedtype Evaluation: TaskEvaluation where Evaluation.Model == Model
  /// The options of `recur predict` for such a model, and the predicting.
  associatedtype Prediction: TaskPrediction = NoPrediction<Model> where Prediction.Model == Model
  /// The options of `recur inspect --gradient-flow` for such a model, and the measuring.
  associatedtype Flow: TaskFlow where Flow.Model == Model

  /// The name of the task: the command behind `recur train`.
  static var name: String { get }
  /// What the model is, in a sentence: `Train a classifier of texts.`
  static var abstract: String { get }
  /// The format of the data, for help.
  static var discussion: String { get }
  /// The models in plural: `classifiers`.
  static var models: String { get }
  /// The command that uses a trained model.
  static var usage: String { get }

  /// The results of a model for the tensors of a file: `recur run`.
  /// - Parameter input: The tensors, and how errors call their file.
  static func run(_ model: Model, _ input: InputTensors, on tape: Tape) throws -> [String: Tensor]

  /// Marks the parameters of a model that training treats in another way: sparse ones, and those that it does not change.
  static func prepare(_ model: Model, for options: Options)

  /// Reads the data, and makes the model.
  /// - Parameters:
  ///   - settings: Those of the run; the fingerprints are those of the data that it began with, or none.
  ///   - origin: Where the model comes from.
  ///   - say: Gets notes about the data.
  init(_ settings: TrainingSettings<Options>, _ origin: ModelOrigin<Model>, say: (String) -> Void) throws

  /// All that decides the run, with the fingerprints of the data that was read.
  var settings: TrainingSettings<Options> { get }
  /// The model before training, on no device yet.
  var model: Model { get }
  /// The optimizer's steps of an epoch.
  var stepsPerEpoch: Int { get }
  /// What a loss's weight counts: `tokens`.
  var unit: String { get }
  /// What chooses the epoch whose weights are kept; nil if it is always the last.
  var stopping: EarlyStopping? { get }
  /// Notes for the start of the training.
  var notes: [String] { get }

  /// The batches of an epoch, from 0: the same for the same epoch.
  func batches(epoch: Int) -> AnySequence<Batch>
  /// The loss of a batch.
  func loss(of batch: Batch, carrying: [RecurrentState], on tape: Tape) throws -> BatchLoss
  /// The loss and the metrics on the validation data.
  func validate(_ trainer: Trainer<Model, Batch>) throws -> Validation
}

/// Where the model of a run comes from.
package enum ModelOrigin<Model> {
  /// The options describe it.
  case new
  /// The run continues with it: a model without weights, which the checkpoint has.
  case resumed(Model)
  /// A new run starts from its weights: `--from`.
  case pretrained(Model)

  /// The model, if it is not new.
  var model: Model? {
    switch self {
    case .new: nil
    case .resumed(let model), .pretrained(let model): model
    }
  }

  /// Whether a run continues.
  var isResumed: Bool { if case .resumed = self { true } else { false } }
}

/// Options of `recur evaluate` for the models of a task, and the measuring.
package protocol TaskEvaluation: ParsableArguments {
  associatedtype Model: StoredModel

  /// Measures a model on labelled data.
  /// - Parameters:
  ///   - path: The data.
  ///   - batch: The batch size.
  ///   - place: Moves the model to its device, and gives a tape there in evaluation mode; to be called once the data is read.
  ///   - say: Gets notes about the data.
  func evaluate(_ model: Model, on path: String, batch: Int, place: () throws -> Tape, say: (String) -> Void) throws
    -> EvaluationReport
}

/// What `recur evaluate` prints.
package struct EvaluationReport {
  /// For reading.
  package let text: String
  /// For programs.
  package let json: any Encodable
}

/// Options of `recur predict` for the models of a task, and the predicting.
package protocol TaskPrediction: ParsableArguments {
  associatedtype Model: StoredModel

  /// Predicts an answer for each input, in their order.
  /// - Parameters: See `TaskEvaluation`.
  func predict(
    _ model: Model, for source: PredictionSource, batch: Int, place: () throws -> Tape, say: (String) -> Void
  )
    throws -> [PredictionLine]
}

/// The inputs of a prediction.
package enum PredictionSource {
  /// A file or folder.
  case data(String)
  /// A text of the command line.
  case text(String)
}

/// A prediction, as it is printed.
package struct PredictionLine {
  /// For reading, line ends included.
  package let text: String
  /// For programs.
  package let json: any Encodable
}

/// For tasks whose models predict in a command of their own.
package struct NoPrediction<Model: StoredModel>: TaskPrediction {
  package init() {}

  package func predict(
    _ model: Model, for source: PredictionSource, batch: Int, place: () throws -> Tape, say: (String) -> Void
  ) throws -> [PredictionLine] { [] }
}

/// Options of `recur inspect --gradient-flow` for the models of a task, and the measuring.
package protocol TaskFlow: ParsableArguments {
  associatedtype Model: StoredModel

  /// Whose gradient it is: `the last step's loss`.
  var loss: GradientFlow.Loss? { get }
  /// Measures the gradient of the loss at each time step.
  func measure(_ model: Model, on path: String, tape: Tape, say: (String) -> Void) throws -> GradientFlow
}

extension Task {
  /// The task's name in `config.json`.
  package static var modelTask: String { Model.Configuration.task }

  /// A line about what is trained, and the notes.
  package func sayBeginning(on device: DeviceDescription, _ say: (String) -> Void) {
    let counted = { (count: Int, noun: String) in "\(count.grouped) \(noun)" + (count == 1 ? "" : "s") }
    say(
      "Training \(model.parameterCount.grouped) parameters on \(settings.data): \(counted(stepsPerEpoch, "step")) per epoch, "
        + "\(counted(settings.epochs, "epoch")), on \(device.identifier) (\(device.name)).")
    notes.forEach(say)
  }
}

extension Trainer {
  /// A trainer as a task's settings say.
  package convenience init<T: Task>(_ task: T, on device: Device) throws where T.Model == Model, T.Batch == Batch {
    let training = task.settings.training
    try self.init(
      task.model,
      optimizer: training.optimizer.make(
        learningRate: training.learningRate, weightDecay: training.weightDecay, momentum: training.momentum),
      schedule: training.schedule.make(total: task.stepsPerEpoch * task.settings.epochs),
      clipNorm: training.clipNorm > 0 ? training.clipNorm : nil,
      clipValue: training.clipValue > 0 ? training.clipValue : nil, seed: training.seed, device: device
    ) { try task.loss(of: $1, carrying: $2, on: $3) }
  }
}

extension Optional {
  /// The result of an evaluation that is not asked to stop before its end.
  func whole() throws -> Wrapped {
    guard let self else { throw RecurrentError(.invalidData, "the evaluation was stopped", at: "evaluation") }
    return self
  }
}
