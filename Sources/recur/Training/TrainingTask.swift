import Recurrent

/// What a run trains on: data as batches, the model, its loss, and what is measured after an epoch.
protocol TrainingTask {
  associatedtype Model: StoredModel
  associatedtype Batch
  associatedtype Settings: RunSettings

  /// All that decides the run, with the fingerprints of the data that was read.
  var settings: Settings { get }
  /// The model as it begins, on no device yet.
  var model: Model { get }
  /// The optimizer's steps of an epoch.
  var stepsPerEpoch: Int { get }
  /// What a loss's weight counts: `tokens`.
  var unit: String { get }
  /// What chooses the epoch whose weights stay; nil if it is always the last.
  var stopping: EarlyStopping? { get }

  /// What is to be said before the training.
  var notes: [String] { get }

  /// The batches of an epoch, from 0: the same for the same epoch.
  func batches(epoch: Int) -> AnySequence<Batch>
  /// The loss of a batch.
  func loss(of batch: Batch, carrying: [RecurrentState], on tape: Tape) throws -> BatchLoss
  /// What the model does on the data that was set apart.
  func validate(_ trainer: Trainer<Model, Batch>) throws -> Validation
}

extension TrainingTask {
  /// Says what is trained, on what, and what is to be said of it.
  func sayBeginning(on device: DeviceDescription) {
    let counted = { (count: Int, noun: String) in "\(count.grouped) \(noun)" + (count == 1 ? "" : "s") }
    Console.say(
      "Training \(model.parameterCount.grouped) parameters on \(settings.data): \(counted(stepsPerEpoch, "step")) an epoch, "
        + "\(counted(settings.training.epochs, "epoch")), on \(device.identifier) (\(device.name)).")
    for note in notes { Console.say(note) }
  }
}

extension Trainer {
  /// A trainer as a task's settings say.
  convenience init<Task: TrainingTask>(_ task: Task, on device: Device) throws
  where Task.Model == Model, Task.Batch == Batch {
    let training = task.settings.training
    try self.init(
      task.model, optimizer: training.optimizer.make(learningRate: training.learningRate),
      schedule: training.schedule.make(total: task.stepsPerEpoch * training.epochs),
      clipNorm: training.clipNorm > 0 ? training.clipNorm : nil,
      clipValue: training.clipValue > 0 ? training.clipValue : nil, seed: training.seed, device: device
    ) { try task.loss(of: $1, carrying: $2, on: $3) }
  }
}
