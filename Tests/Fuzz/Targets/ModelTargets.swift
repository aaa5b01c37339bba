import Recurrent
import RecurrentCore
import RecurrentModel
import RecurrentTasks

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

// What the readers of a model's folder build: models, and runs that go on.
extension FuzzTarget {
  /// The `config.json` of a task's model.
  static func configuration<T: Task>(of _: T.Type, _ bytes: [UInt8]) throws {
    try attempt { try configuration(T.Model.Configuration.self, bytes) }
  }

  /// A model has parameters; its own description is whole: what is made of it is the same model.
  private static func configuration<Configuration: ModelConfiguration>(_: Configuration.Type, _ bytes: [UInt8]) throws {
    let configuration = try Configuration(json: bytes)
    let again = try Configuration(json: [UInt8](JSONEncoder().encode(configuration)))
    try expect(again == configuration, "a round trip changes a configuration")
    let model = try configuration.makeModel()
    try expect(model.parameterCount > 0, "a model without parameters")
    // The file may have keys that mean nothing beside others; a model's own description has none.
    let description = Configuration(of: model)
    guard let copy = try? description.makeModel() else {
      throw Finding(description: "a model's description is refused")
    }
    try expect(Configuration(of: copy) == description, "a model's description is of another model")
    try expect(copy.parameterCount == model.parameterCount, "a copy has other parameters")
  }

  /// A run goes on from whatever takes the place of its own tensors and counters, or refuses it; what it took is in its next
  /// checkpoint, and it can train.
  static func resume(_ bytes: [UInt8]) throws {
    let file = try Checkpoint(Safetensors(parsing: bytes)).state
    let trainer = try smallRun()
    var stopping = try EarlyStopping(patience: 2)
    try trainer.train(on: batch)
    var state = try trainer.state()
    stopping.save(to: &state)
    state.tensors.merge(file.tensors) { $1 }
    state.integers.merge(file.integers) { $1 }

    try trainer.restore(state)
    try stopping.restore(from: state)
    var saved = try trainer.state()
    stopping.save(to: &saved)
    try expect(saved.integers.allSatisfy { state.integers[$0.key] == $0.value }, "a counter is not restored")
    // Compared as bits: a NaN of the optimizer's is not equal to itself.
    try expect(
      saved.tensors.allSatisfy { name, tensor in
        state.tensors[name]?.values.map(\.bitPattern) == tensor.values.map(\.bitPattern)
      }, "a tensor is not restored")
    _ = stopping.isOver
    try trainer.train(on: batch)
  }

  private static let batch = SequenceBatch(inputs: [0, 1, 1, 0], targets: [1, 0, 0, 1], steps: 2, batchSize: 2)

  private static func smallRun() throws -> Trainer<LanguageModel, SequenceBatch> {
    let network = NetworkConfiguration(input: .oneHot, cell: .lstm, hidden: 2)
    return try Trainer(
      LanguageModelConfiguration(vocabularySize: 2, network: network).makeModel(), optimizer: SGD(momentum: 0.5),
      clipNorm: 1, device: Device.named("cpu", threads: 1)
    ) { model, batch, carried, tape in try model.loss(of: batch, carrying: carried.first, on: tape) }
  }
}
