import Foundation
import Recurrent
import Testing

/// Models on the disk: what is written comes back, and what is damaged is named.
struct ModelFolderTests {
  private static let text = (0..<120).map { "mon, \($0 * 7919 % 1000): soup.\n" }.joined()

  private static let configurations: [LanguageModelConfiguration] = [
    LanguageModelConfiguration(
      vocabularySize: 0, network: NetworkConfiguration(embedding: 5, cell: .lstm, hidden: 6, layers: 2, dropout: 0.3)),
    LanguageModelConfiguration(vocabularySize: 0, network: NetworkConfiguration(embedding: 5, cell: .gru, hidden: 6)),
    LanguageModelConfiguration(
      vocabularySize: 0,
      network: NetworkConfiguration(input: .oneHot, cell: .gru, gruConvention: .resetBefore, hidden: 6)),
    LanguageModelConfiguration(
      vocabularySize: 0,
      network: NetworkConfiguration(input: .integer, cell: .elman, activation: .relu, bias: .single, hidden: 6)),
    LanguageModelConfiguration(
      vocabularySize: 0, network: NetworkConfiguration(embedding: 5, cell: .elman, bias: .none, hidden: 6)),
  ]

  private func model(_ configuration: LanguageModelConfiguration) throws -> LanguageModel {
    let vocabulary = try Vocabulary(of: Self.text, kind: .characters)
    var configuration = configuration
    configuration.vocabularySize = vocabulary.count
    let model = try configuration.makeModel()
    model.vocabulary = vocabulary
    return model
  }

  @Test(arguments: configurations)
  func aSavedModelComesBack(configuration: LanguageModelConfiguration) throws {
    try withFolder { path in
      let device = try Device.named("cpu", threads: 1)
      let model = try model(configuration)
      try model.move(to: device, seed: 4)
      try model.save(toFolder: path)
      let loaded = try LanguageModel.load(fromFolder: path, device: device)
      #expect(try loaded.stateDictionary() == model.stateDictionary())
      #expect(loaded.vocabulary == model.vocabulary)
      #expect(
        try ModelFolder(path).configuration(LanguageModelConfiguration.self) == LanguageModelConfiguration(of: model))
      let write = { (model: LanguageModel) in try model.generate(prompt: "mon, ", length: 30, seed: 1) }
      #expect(try write(loaded) == write(model))
    }
  }

  @Test func resetBeforeHasNamesOfItsOwn() throws {
    let names = try model(Self.configurations[2]).namedParameters.map(\.name)
    #expect(!names.contains("rnn.weight_hh_l0"))
  }

  @Test func damageIsNamed() throws {
    try withFolder { path in
      let missing = #expect(throws: RecurrentError.self) { try ModelFolder(path).load(LanguageModel.self) }
      #expect(missing?.kind == .invalidModel)
      #expect(missing?.location == path && missing?.what == "does not exist")
      let model = try model(Self.configurations[0])
      try model.initialize(seed: 1)
      try model.save(toFolder: path)
      for file in ["config.json", "vocabulary.json", "model.safetensors"] {
        let whole = try Files.read("\(path)/\(file)")
        for bytes in [[], Array(whole.dropLast(whole.count / 3)), Array("{}".utf8), [0xFF, 0xFE]] {
          try Files.replace("\(path)/\(file)", with: bytes)
          let error = #expect(throws: RecurrentError.self) { try ModelFolder(path).load(LanguageModel.self) }
          #expect(error?.kind == .invalidModel)
          #expect(error?.location == "\(path)/\(file)")
        }
        try Files.replace("\(path)/\(file)", with: whole)
      }
      _ = try ModelFolder(path).load(LanguageModel.self)
      #expect(throws: RecurrentError.self) { try ModelFolder(path).checkpoint() }
    }
  }

  @Test func weightsOfAnotherModelAreRefused() throws {
    try withFolder { path in
      let model = try model(Self.configurations[0])
      try model.initialize(seed: 1)
      try model.save(toFolder: path)
      let other = try self.model(Self.configurations[1])
      try other.initialize(seed: 1)
      let weights = Safetensors(try other.stateDictionary().mapValues(SafetensorsTensor.init))
      try weights.write(to: "\(path)/model.safetensors")
      #expect(throws: RecurrentError.self) { try ModelFolder(path).load(LanguageModel.self) }
    }
  }

  @Test(arguments: configurations[..<3])
  func aRunThatGoesOnGivesTheSameBits(configuration: LanguageModelConfiguration) throws {
    try withFolder { path in
      let text = try TextDataset(Self.text)
      let streams = try text.streams(batchSize: 4, steps: 16)
      let folder = ModelFolder(path)
      func trainer() throws -> Trainer<LanguageModel, SequenceBatch> {
        try Trainer(
          model(configuration), optimizer: Adam(learningRate: 1e-2), schedule: .cosine(total: 2 * streams.count),
          clipNorm: 1, seed: 3, device: .named("cpu", threads: 1))
      }
      let whole = try trainer()
      try whole.fit(streams, epochs: 2)
      let first = try trainer()
      let stop = streams.count + streams.count / 2
      first.shouldStop = { first.progress.step == stop }
      #expect(try first.fit(streams, epochs: 2) == .stopped)
      let description = first.tape.backend.device
      try TrainingFolder(folder).save(
        Checkpoint(state: first.state(), device: description, settings: "{}"), of: first.model)
      let second = try trainer()
      let checkpoint = try folder.checkpoint()
      #expect(checkpoint.variant == description.variant)
      #expect(checkpoint.settings == "{}")
      try second.restore(checkpoint.state)
      #expect(try second.fit(streams, epochs: 2) == .finished)
      #expect(try second.state() == whole.state())
    }
  }

  @Test func filesAreReadAndReplacedWhole() throws {
    try withFolder { path in
      try Files.makeFolder("\(path)/a/b")
      try Files.replace("\(path)/a/b/f", with: Array("one".utf8))
      try Files.replace("\(path)/a/b/f", with: Array("é".utf8))
      #expect(try Files.readText("\(path)/a/b/f") == "é")
      #expect(try FileManager.default.contentsOfDirectory(atPath: "\(path)/a/b") == ["f"])
      try Files.replace("\(path)/f", with: [0x61, 0xC3, 0xA9, 0xC3])
      let error = #expect(throws: RecurrentError.self) { try Files.readText("\(path)/f") }
      #expect(error?.what == "is not UTF-8 text: byte 195 at offset 3")
      #expect(throws: RecurrentError.self) { try Files.read("\(path)/a") }
      #expect(throws: RecurrentError.self) { try Files.read("\(path)/none") }
      #expect(throws: RecurrentError.self) { try Files.makeFolder("\(path)/f/g") }
    }
  }

  @Test(arguments: [
    ("\"hidden\" : 6", "\"hidden\" : 99999999999"), ("\"layers\" : 1", "\"layers\" : 1000000000"),
    ("\"embedding\" : 5", "\"embedding\" : 9223372036854775807"), ("\"hidden\" : 6", "\"hidden\" : -6"),
    ("\"activation\" : \"tanh\"", "\"activation\" : \"swish\""),
    ("\"activation\" : \"tanh\"", "\"activation\" : \"sigmoid\""),
  ])
  func configurationsOfNoModelAreNamed(old: String, new: String) throws {
    try withFolder { path in
      let model = try model(Self.configurations[4])
      try model.initialize(seed: 1)
      try model.save(toFolder: path)
      let text = try Files.readText("\(path)/config.json")
      #expect(text.contains(old))
      try Files.replace("\(path)/config.json", with: Array(text.replacingOccurrences(of: old, with: new).utf8))
      let error = #expect(throws: RecurrentError.self) { try ModelFolder(path).load(LanguageModel.self) }
      #expect(error?.kind == .invalidModel && error?.location == "\(path)/config.json")
    }
  }

  @Test func linksAreFollowedAndDevicesStay() throws {
    try withFolder { path in
      try Files.makeFolder(path)
      try Files.replace("\(path)/f", with: Array("one".utf8))
      try FileManager.default.createSymbolicLink(atPath: "\(path)/link", withDestinationPath: "\(path)/f")
      try Files.replace("\(path)/link", with: Array("two".utf8))
      #expect(try Files.readText("\(path)/f") == "two")
      #expect(try FileManager.default.destinationOfSymbolicLink(atPath: "\(path)/link") == "\(path)/f")
      try FileManager.default.createSymbolicLink(atPath: "\(path)/null", withDestinationPath: "/dev/null")
      try Files.replace("\(path)/null", with: Array("three".utf8))
      #expect(try FileManager.default.destinationOfSymbolicLink(atPath: "\(path)/null") == "/dev/null")
      #expect(throws: RecurrentError.self) { try Files.replace(path, with: [1]) }
    }
  }
}
