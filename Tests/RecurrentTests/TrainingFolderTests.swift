import Foundation
import Recurrent
import Testing

@testable import RecurrentModel

/// A model folder while a run goes on in it: what is kept, what is taken when something is damaged, who may write.
struct TrainingFolderTests {
  private func model() throws -> LanguageModel {
    let vocabulary = try Vocabulary(of: "a text", kind: .characters)
    let configuration = LanguageModelConfiguration(
      vocabularySize: vocabulary.count, network: NetworkConfiguration(embedding: 3, cell: .gru, hidden: 5))
    let model = try configuration.makeModel()
    model.vocabulary = vocabulary
    try model.initialize(seed: 1)
    return model
  }

  /// A checkpoint that tells its step from every other.
  private func checkpoint(_ model: LanguageModel, step: Int) throws -> Checkpoint {
    var state = TrainingState(integers: ["step": UInt64(step), "epoch": 0])
    state.insert(try model.stateDictionary(), under: "model")
    state.tensors["loss.pending"] = try HostTensor(shape: [3], values: [Float(step), -0.5, .leastNonzeroMagnitude])
    return try Checkpoint(state: state, device: Device.named("reference").description, settings: "{}")
  }

  private func files(_ path: String) throws -> Set<String> {
    try Set(FileManager.default.contentsOfDirectory(atPath: path + "/training"))
  }

  /// The steps of the checkpoints in files of these names.
  private func steps(_ path: String, _ names: String...) throws -> [Int?] {
    try names.map { try Checkpoint(Safetensors(contentsOf: "\(path)/training/\($0).safetensors")).step }
  }

  /// Writes checkpoints of steps 10, 20 and so on.
  private func save(_ path: String, keep: Int, count: Int) throws {
    let (folder, model) = (try TrainingFolder(ModelFolder(path), keep: keep), try model())
    for step in 1...count { try folder.save(checkpoint(model, step: step * 10), of: model) }
  }

  @Test func theLastOnesAreKept() throws {
    try withFolder { path in
      try save(path, keep: 3, count: 5)
      #expect(try files(path) == ["state.safetensors", "state-30.safetensors", "state-40.safetensors"])
      #expect(try steps(path, "state", "state-30", "state-40") == [50, 30, 40])
      // A run that goes on knows them; another number is from then on.
      let (folder, model) = (try TrainingFolder(ModelFolder(path), keep: 2), try model())
      #expect(try folder.checkpoint().step == 50)
      for step in [60, 60] {
        try folder.save(checkpoint(model, step: step), of: model)
        #expect(try files(path) == ["state.safetensors", "state-50.safetensors"])
      }
    }
  }

  @Test func oneIsEnough() throws {
    try withFolder { path in
      try save(path, keep: 1, count: 3)
      #expect(try files(path) == ["state.safetensors"])
      #expect(throws: RecurrentError.self) { try TrainingFolder(ModelFolder(path), keep: 0) }
    }
  }

  @Test func aNewRunKeepsNothingOfAnOldOne() throws {
    try withFolder { path in
      try save(path, keep: 3, count: 4)
      try FileManager.default.removeItem(atPath: path + "/config.json")
      try save(path, keep: 3, count: 1)
      #expect(try files(path) == ["state.safetensors"])
    }
  }

  /// What is in the place of the newest checkpoint.
  enum Damage: CaseIterable { case cut, flipped, empty, weights, missing, folder }

  private func damage(_ state: String, _ damage: Damage, weights: String) throws {
    var bytes = try Files.read(state)
    switch damage {
    case .cut: try Files.replace(state, with: Array(bytes.dropLast(5)))
    case .flipped:
      bytes[bytes.count - 3] ^= 4
      try Files.replace(state, with: bytes)
    case .empty: try Files.replace(state, with: [])
    case .weights: try Files.replace(state, with: Files.read(weights))
    case .missing: try FileManager.default.removeItem(atPath: state)
    case .folder:
      try FileManager.default.removeItem(atPath: state)
      try Files.makeFolder(state)
    }
  }

  /// The newest is damaged or gone: the one before it is taken, whatever the times of the files say.
  @Test(arguments: Damage.allCases)
  func whatIsDamagedIsPassedOver(damage: Damage) throws {
    try withFolder { path in
      try save(path, keep: 3, count: 3)
      let state = path + "/training/state.safetensors"
      try self.damage(state, damage, weights: path + "/model.safetensors")
      for (name, time) in [("state-10", 3e9), ("state-20", 1e9)] {
        try FileManager.default.setAttributes(
          [.modificationDate: Date(timeIntervalSince1970: time)], ofItemAtPath: "\(path)/training/\(name).safetensors")
      }
      var notices: [String] = []
      let folder = try TrainingFolder(ModelFolder(path), keep: 3) { notices.append($0) }
      #expect(try folder.checkpoint().step == 20)
      #expect(notices.count == 1)
      #expect(notices.first?.hasPrefix("\(state): ") == true, "\(notices)")
      let end = "; resuming from \(path)/training/state-20.safetensors, step 20"
      #expect(notices.first?.hasSuffix(end) == true, "\(notices)")
      // The next save puts a whole one in its place, and never keeps what is damaged.
      guard damage != .folder else { return }
      let model = try model()
      try folder.save(checkpoint(model, step: 25), of: model)
      #expect(try files(path) == ["state.safetensors", "state-10.safetensors", "state-20.safetensors"])
      #expect(try steps(path, "state", "state-10", "state-20") == [25, 10, 20])
    }
  }

  @Test func whereNoneIsWholeAllAreNamed() throws {
    try withFolder { path in
      try save(path, keep: 2, count: 2)
      for name in ["state", "state-10"] { try Files.replace("\(path)/training/\(name).safetensors", with: [1]) }
      let error = #expect(throws: RecurrentError.self) { try ModelFolder(path).checkpoint() }
      #expect(error?.kind == .invalidModel && error?.location == path + "/training/state.safetensors")
      #expect(error?.what.contains("\(path)/training/state-10.safetensors: is not a safetensors file") == true)
    }
  }

  /// Each bit that decides something: a flip is refused, or changes nothing.
  @Test func noFlippedBitIsTaken() throws {
    let file = try checkpoint(model(), step: 7).safetensors()
    let (whole, bytes) = (try Checkpoint(file), try file.serialized())
    for place in bytes.indices {
      var flipped = bytes
      flipped[place] ^= 1 << (place % 8)
      guard let read = try? Checkpoint(Safetensors(parsing: flipped)) else { continue }
      #expect(read.state == whole.state && read.settings == whole.settings, "byte \(place)")
      #expect(read.device == whole.device && read.variant == whole.variant, "byte \(place)")
    }
  }

  @Test func earlierVersionsHadNoChecksum() throws {
    var file = try checkpoint(model(), step: 7).safetensors()
    file.metadata["checksum"] = nil
    #expect(throws: RecurrentError.self) { try Checkpoint(file) }
    file.metadata["format"] = "1"
    #expect(try Checkpoint(file).step == 7)
    file.metadata["format"] = "3"
    let error = #expect(throws: RecurrentError.self) { try Checkpoint(file) }
    #expect(error?.remedy == "use the version of recur that wrote it")
  }

  @Test func oneRunAtATime() throws {
    try withFolder { path in
      let model = try model()
      var first: TrainingFolder? = try TrainingFolder(ModelFolder(path))
      try first?.begin()
      let second = try TrainingFolder(ModelFolder(path))
      for body in [second.begin, { try ModelFolder(path).save(model) }] {
        let error = #expect(throws: RecurrentError.self, performing: body)
        #expect(
          error?.description
            == "\(path): another run is training in this folder; wait until that run ends, or name another folder")
      }
      #expect(try files(path) == [])
      first = nil
      try second.save(checkpoint(model, step: 1), of: model)
      #expect(throws: RecurrentError.self) { try model.save(toFolder: path) }
    }
  }

  @Test func aFolderThatIsRemovedIsMadeAnew() throws {
    try withFolder { path in
      let model = try model()
      var notices: [String] = []
      let folder = try TrainingFolder(ModelFolder(path)) { notices.append($0) }
      try folder.save(checkpoint(model, step: 10), of: model)
      try FileManager.default.removeItem(atPath: path)
      try folder.save(checkpoint(model, step: 20), of: model)
      #expect(notices == ["\(path): was removed during the run and is created again"])
      #expect(try files(path) == ["state.safetensors"])
      #expect(throws: RecurrentError.self) { try TrainingFolder(ModelFolder(path)).begin() }
      // Its part for the training alone.
      notices = []
      try FileManager.default.removeItem(atPath: path + "/training")
      try folder.save(checkpoint(model, step: 25), of: model)
      #expect(notices == ["\(path)/training: was removed during the run and is created again"])
      #expect(try files(path) == ["state.safetensors"])
      // Another model in its place is not the run's to write over.
      try FileManager.default.removeItem(atPath: path)
      try model.save(toFolder: path)
      let error = #expect(throws: RecurrentError.self) { try folder.save(checkpoint(model, step: 30), of: model) }
      #expect(error?.what == "is not the folder in which the run began")
      #expect(!FileManager.default.fileExists(atPath: path + "/training"))
    }
  }

  @Test func theHistoryIsCutToAnEpoch() throws {
    try withFolder { path in
      let (folder, model) = (try TrainingFolder(ModelFolder(path)), try model())
      for epoch in [1, 2, 3] {
        folder.addToHistory("{\"epoch\":\(epoch)}")
        try folder.save(checkpoint(model, step: epoch), of: model)
      }
      let history = path + "/training/history.jsonl"
      // A line that a kill cut short, and bytes that are no text.
      try Files.append(Array("{\"epoch\":2".utf8) + [0xFF, 0], to: history)
      try folder.cutHistory(afterEpoch: 2)
      #expect(try Files.readText(history) == "{\"epoch\":1}\n{\"epoch\":2}\n")
    }
  }

  /// What the history could not take is not lost, and the checkpoint does not wait for it.
  @Test func theHistoryCatchesUp() throws {
    try withFolder { path in
      let (folder, model) = (try TrainingFolder(ModelFolder(path)), try model())
      let history = path + "/training/history.jsonl"
      try folder.begin()
      try Files.makeFolder(history)
      folder.addToHistory("{\"epoch\":1}")
      #expect(throws: RecurrentError.self) { try folder.save(checkpoint(model, step: 1), of: model) }
      #expect(folder.savedStep == 1)
      try FileManager.default.removeItem(atPath: history)
      folder.addToHistory("{\"epoch\":2}")
      try folder.save(checkpoint(model, step: 2), of: model)
      #expect(try Files.readText(history) == "{\"epoch\":1}\n{\"epoch\":2}\n")
    }
  }

  @Test func whatKilledProgramsLeftIsRemoved() throws {
    try withFolder { path in
      let folder = ModelFolder(path)
      try TrainingFolder(folder).begin()
      // No process has a number as high as the first; this one runs.
      let own = "config.json.\(ProcessInfo.processInfo.processIdentifier).tmp"
      let left = ["model.safetensors", "training/state.safetensors", "training/state-120.safetensors"]
      for name in left.map({ $0 + ".2147483647.tmp" }) + [own, "notes.tmp", "training/state-x.2147483647.tmp"] {
        try Files.replace("\(path)/\(name)", with: [1])
      }
      try TrainingFolder(folder).begin()
      #expect(try Set(FileManager.default.contentsOfDirectory(atPath: path)) == [own, "notes.tmp", "training"])
      #expect(try files(path) == ["state-x.2147483647.tmp"])
    }
  }

  @Test func aFirstSaveThatIsCutShortCanBeGoneOnWith() throws {
    try withFolder { path in
      let model = try model()
      // A folder in the place of the weights stops the save after the checkpoint.
      try Files.makeFolder("\(path)/model.safetensors")
      let folder = try TrainingFolder(ModelFolder(path))
      #expect(throws: RecurrentError.self) { try folder.save(checkpoint(model, step: 1), of: model) }
      #expect(folder.savedStep == 1 && ModelFolder(path).hasModel)
      #expect(try files(path) == ["state.safetensors"])
      #expect(try ModelFolder(path).checkpoint().state == checkpoint(model, step: 1).state)
      // Its weights are the checkpoint's.
      try FileManager.default.removeItem(atPath: "\(path)/model.safetensors")
      #expect(try ModelFolder(path).load(LanguageModel.self).stateDictionary() == model.stateDictionary())
    }
  }
}
