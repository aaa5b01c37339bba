import Foundation
import Recurrent
import RecurrentCore
import RecurrentReference
import Testing

@testable import RecurrentModel

private final class Tied: Module {
  let embedding: Embedding
  let blocks: [Dense]
  let norm: LayerNorm?
  let head: Dense

  init() throws {
    embedding = try Embedding(tokens: 5, size: 3)
    blocks = [try Dense(input: 3, output: 3), try Dense(input: 3, output: 3, bias: false)]
    norm = try LayerNorm(3)
    head = Dense(tiedTo: embedding.weight)
  }
}

private final class Listed: Module {
  let scales = [Parameter([2]), Parameter([3])]
}

private final class Hiding: Module {
  let head = Dense(tiedTo: Parameter([1, 1]))
  let towers: [String: Dense]

  init() throws {
    towers = ["left": try Dense(input: 1, output: 1)]
  }
}

/// A part that knows what it is a part of, in each way that Swift has.
private final class Branch: Module {
  weak var parent: Tree?
  unowned(unsafe) var root: Tree
  let layers: [any Layer]
  lazy var lazy = Parameter([2])

  init(in root: Tree) throws {
    self.root = root
    layers = [try Dense(input: 1, output: 1), try Dropout(0.1)]
  }
}

private final class Tree: Module {
  private(set) var branches: [Branch?] = []
  let words: [String]
  let numbers: [String: Int]
  let scale = Parameter([1])
  weak var other: Dense?

  init(words count: Int) throws {
    words = (0..<count).map(String.init)
    numbers = Dictionary(uniqueKeysWithValues: words.enumerated().map { ($1, $0) })
    branches = [nil, try Branch(in: self), nil, try Branch(in: self)]
    for branch in branches { branch?.parent = self }
  }
}

private final class Loop: Module {
  var next: Loop?
  let scale = Parameter([1])
}

@Suite struct ModuleTests {
  @Test func whatAWeakPropertyRefersToIsNoPart() throws {
    let (tree, other) = (try Tree(words: 10_000), try Dense(input: 1, output: 1))
    tree.other = other
    // A lazy property is a part once it is there.
    _ = tree.branches[1]?.lazy
    let names = ["branches.1.layers.0.weight", "branches.1.layers.0.bias", "branches.1.lazy"]
    #expect(
      tree.namedParameters.map(\.name) == names + ["branches.3.layers.0.weight", "branches.3.layers.0.bias", "scale"])
    #expect(tree.branches[1]?.namedParameters.map(\.name) == names.map { String($0.dropFirst("branches.1.".count)) })
    tree.branches[3]?.freeze()
    #expect(!tree.scale.isFrozen && !other.weight.isFrozen)
    try tree.move(to: Device(referenceTape().backend))
    #expect(other.weight.place == nil && tree.description.contains("(branches.1): Branch("))
  }

  @Test func aModuleThatHoldsItselfIsNamed() throws {
    let loop = Loop()
    loop.next = Loop()
    loop.next?.next = loop
    defer { loop.next = nil }
    #expect(loop.namedParameters.map(\.name) == ["next.scale", "scale"] && loop.description.contains("Loop"))
    let wanted = "Loop: the property next holds a module that contains this one; make it weak, or implement `members`"
    let device = Device(referenceTape().backend)
    #expect(message { try loop.move(to: device) } == wanted && message { try loop.initialize(seed: 1) } == wanted)
    loop.initializeAsKeras()
  }

  @Test func sizesThatNoMemoryHoldsAreErrors() throws {
    let huge = 1 << 40
    let cases: [(String, () throws -> Void)] = [
      ("LSTM", { _ = try LSTM(input: huge, hidden: 2) }), ("GRU", { _ = try GRU(input: 2, hidden: 1 << 62) }),
      ("layers", { _ = try Elman(input: 1, hidden: 1, layers: 1 << 20) }),
      ("Dense", { _ = try Dense(input: huge, output: huge) }),
      ("Embedding", { _ = try Embedding(tokens: .max, size: .max) }), ("CRF", { _ = try CRF(tags: huge) }),
      ("CellDescriptor", { _ = try CellDescriptor(.lstm, inputSize: 1, hiddenSize: .max) }),
    ]
    for (name, body) in cases {
      let error = #expect(throws: RecurrentError.self, "\(name)") { try body() }
      #expect(error?.kind == .invalidArgument)
    }
    let model = try LSTM(input: 1 << 30, hidden: 1 << 30)
    #expect(model.parameterCount == Int.largestCount && model.description.contains("parameters"))
    for device in [try Device.named("cpu", threads: 1), Device(ReferenceBackend())] {
      let error = #expect(throws: RecurrentError.self) { try model.move(to: device) }
      #expect(error?.kind == .outOfMemory)
      let tape = Tape(device)
      for shape in [[1 << 32, 1 << 32], [.max], [.max, .max, .max], [1 << 50, 3]] {
        let error = #expect(throws: RecurrentError.self) { try tape.full(shape, 1) }
        #expect(error?.kind == .outOfMemory, "\(shape): \(String(describing: error))")
      }
      for shape in [[-1], [-2, -3], [2, -1]] {
        let error = #expect(throws: RecurrentError.self) { try tape.full(shape, 1) }
        #expect(error?.kind == .shapeMismatch)
        #expect(throws: RecurrentError.self) { try tape.tensor([Float](repeating: 0, count: 6), shape: shape) }
      }
      // It goes on after each of them.
      #expect(try tape.full([2], 1).values() == [1, 1])
    }
    #expect(throws: RecurrentError.self) { try Parameter([-2, -2]).draw(seed: 1, index: 0) }
  }

  @Test func layersHaveTheRightGradients() throws {
    let layers = Sequential(
      try Dense(input: 4, output: 5), ActivationLayer(.tanh), try LayerNorm(5), try Dropout(0.2))
    try checkGradients(inputs: [[2, 3, 4]], of: [layers]) { _, x in [try layers(x[0])] }
  }

  @Test func embeddingsHaveTheRightGradients() throws {
    let model = try Tied()
    try checkGradients(of: [model]) { tape, _ in
      let tokens = try tape.tokens([4, 1, 1, -1, 0, 4], steps: 3, batchSize: 2)
      return [try model.head(model.blocks[0](model.embedding(tokens))), try model.embedding(tokens)]
    }
  }

  @Test func occurrencesListEachTokensPositions() {
    let lists = Occurrences.of([4, 1, -1, 4, 0, 1, 4])
    #expect(lists.rows == [0, 1, 4] && lists.starts == [0, 1, 3, 6] && lists.positions == [4, 1, 5, 0, 3, 6])
    let none = Occurrences.of([-1, -2])
    #expect(none.rows == [] && none.starts == [0] && none.positions == [])
    #expect(Occurrences.of([]).starts == [0])
  }

  @Test func partsAreFoundAndNamedAsPyTorchNamesThem() throws {
    let model = try Tied()
    #expect(
      model.namedParameters.map(\.name) == [
        "embedding.weight", "blocks.0.weight", "blocks.0.bias", "blocks.1.weight", "norm.weight", "norm.bias",
        "head.bias",
      ])
    #expect(model.parameterCount == 15 + 9 + 3 + 9 + 3 + 3 + 5)
    let language = try LanguageModel(vocabularySize: 7, embedding: 3, rnn: LSTM(input: 3, hidden: 4, layers: 2))
    let names = language.namedParameters.map(\.name)
    #expect(names.first == "embedding.weight" && names.suffix(2) == ["head.weight", "head.bias"])
    #expect(names.contains("rnn.weight_ih_l1"))
  }

  @Test func aModelPrintsAsATreeOfLayers() throws {
    let model = try LanguageModel(
      vocabularySize: 65, embedding: 128, rnn: LSTM(input: 128, hidden: 256, layers: 2, dropout: 0.2))
    model.embedding?.freeze()
    #expect(
      model.description == """
        LanguageModel(
          (embedding): Embedding(65, 128)  # 8,320
          (rnn): LSTM(128, 256, layers: 2, dropout: 0.2)  # 921,600
          (head): Dense(256, 65)  # 16,705
        )
        946,625 parameters, 8,320 frozen
        """)
  }

  @Test func stateGoesOutAndIn() throws {
    let (source, target) = (try Tied(), try Tied())
    try source.initialize(seed: 1)
    try target.initialize(seed: 2)
    let state = try source.stateDictionary()
    #expect(try target.stateDictionary() != state)
    try target.load(state)
    #expect(try target.stateDictionary() == state)
    let tape = referenceTape()
    try target.move(to: Device(tape.backend))
    #expect(try target.stateDictionary() == state)

    var alias = state
    alias["head.weight"] = alias.removeValue(forKey: "embedding.weight")
    try target.load(alias)
    #expect(try target.stateDictionary() == state)

    var wrong = state
    wrong["head.bias"] = nil
    wrong["tail.bias"] = try HostTensor(shape: [1], values: [0])
    wrong["norm.bias"] = try HostTensor(shape: [4], values: [0, 0, 0, 0])
    let text = message { try target.load(wrong) } ?? ""
    #expect(text.contains("missing: head.bias") && text.contains("unexpected: tail.bias"))
    #expect(text.contains("norm.bias is [4], not [3]"))
  }

  @Test func weightsGoToAFileAndBack() throws {
    let file = FileManager.default.temporaryDirectory.appendingPathComponent("recur-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: file) }
    let (source, target) = (try Tied(), try Tied())
    #expect(message { try source.save(to: file) }?.contains("no values yet") == true)
    try source.initialize(seed: 1)
    try source.save(to: file)
    #expect(try Safetensors(contentsOf: file).metadata == ["format": "pt"])
    try target.load(from: file)
    #expect(try target.stateDictionary() == source.stateDictionary())
    let text = message { try Dense(input: 3, output: 5).load(from: file) } ?? ""
    #expect(
      text.hasPrefix("\(file): Dense: the tensors do not match the model: missing: weight, bias; unexpected: blocks."))
    #expect(message { try target.load(from: file + ".not") }?.hasPrefix("\(file).not: cannot be opened") == true)
  }

  @Test func aDenseLayerNamesTheWidthItReads() throws {
    let (dense, tape) = (try Dense(input: 8, output: 3), referenceTape())
    try dense.move(to: Device(tape.backend))
    #expect(
      message { _ = try dense(tape.full([1, 16], 1)) }
        == "Dense(8, 3): the input of shape [1, 16] has 16 features; use 8 features")
  }

  @Test func valuesAndGradientsLieInOneBufferEach() throws {
    let model = try Tied()
    try model.move(to: Device(referenceTape().backend))
    let placement = try model.placed().placement
    #expect(placement.offsets == [0, 16, 32, 48, 64, 80, 96] && placement.values.columns == 112)
    #expect(throws: RecurrentError.self) { try Tied().placed().placement }
    try model.head.move(to: Device(referenceTape().backend))
    #expect(message { _ = try model.placed().placement }?.contains("as a whole") == true)
  }

  @Test func theSameSeedGivesTheSameWeights() throws {
    let (a, b, c) = (try Tied(), try Tied(), try Tied())
    try a.initialize(seed: 4)
    try b.move(to: Device(referenceTape().backend), seed: 4)
    try c.initialize(seed: 5)
    #expect(try a.stateDictionary() == b.stateDictionary())
    #expect(try a.stateDictionary() != c.stateDictionary())
  }

  @Test func parametersThatLieElsewhereAreRefused() throws {
    let dense = try Dense(input: 2, output: 2)
    let tape = referenceTape()
    let x = try tape.full([1, 2], 1)
    #expect(message { _ = try dense(x) }?.contains("move(to:)") == true)
    #expect(throws: RecurrentError.self) { try Dense(input: 0, output: 2) }
    #expect(throws: RecurrentError.self) { try Dropout(1) }
  }

  @Test func frozenParametersGetNoGradient() throws {
    let model = try Tied()
    model.blocks[0].freeze()
    let tape = referenceTape()
    try model.move(to: Device(tape.backend))
    let tokens = try tape.tokens([1, 2], steps: 2, batchSize: 1)
    try model.head(model.blocks[0](model.embedding(tokens))).sum().backward()
    #expect(try model.blocks[0].weight.gradient()?.allSatisfy { $0 == 0 } == true)
    #expect(try model.embedding.weight.gradient()?.contains { $0 != 0 } == true)
  }

  @Test func aLanguageModelChecksItsPartsAndItsTokens() throws {
    #expect(message { _ = try LanguageModel(vocabularySize: 5, embedding: 3, rnn: LSTM(input: 4, hidden: 2)) } != nil)
    #expect(throws: RecurrentError.self) {
      try LanguageModel(vocabularySize: 5, embedding: 3, rnn: LSTM(input: 3, hidden: 2, bidirectional: true))
    }
    let wordless = try LanguageModel(vocabularySize: 5, embedding: 3, rnn: GRU(input: 3, hidden: 2))
    #expect(message { _ = try wordless.generate(length: 1) }?.hasPrefix("LanguageModel: the model has") == true)
    for encoding in [InputEncoding.embedding(3), .oneHot, .integer] {
      let model = try LanguageModel(
        vocabularySize: 5, encoding: encoding, rnn: GRU(input: encoding.size(tokens: 5), hidden: 2))
      let tape = referenceTape()
      try model.move(to: Device(tape.backend))
      #expect(message { _ = try model(tape.tokens([5], steps: 1, batchSize: 1)) }?.contains("index 5") == true)
      let whole = try model(tape.tokens([1, 4, 0], steps: 3, batchSize: 1)).logits.lastStep().values()
      let first = try model.logits(for: [1, 4], on: tape)
      #expect(try model.logits(for: [0], state: first.state, on: tape).logits == whole)
    }
  }

  @Test func arraysOfParametersAreParts() throws {
    let model = Listed()
    #expect(model.namedParameters.map(\.name) == ["scales.0", "scales.1"])
    try model.initialize(seed: 1)
  }

  @Test func partsWithoutANameAreAnError() throws {
    let model = Sequential(try Dense(input: 1, output: 1))
    try model.initialize(seed: 1)
    let hiding = try Hiding()
    let device = Device(referenceTape().backend)
    for body in [{ try hiding.initialize(seed: 1) }, { try hiding.move(to: device) }, { try hiding.load([:]) }] {
      #expect(message { try body() }?.contains("property towers") == true)
    }
  }

  @Test func aModelThatHasNoRoomIsRefusedBeforeItIsDrawn() throws {
    let model = try LanguageModel(
      vocabularySize: 5, embedding: 4, rnn: LSTM(input: 4, hidden: 65_536, layers: 200))
    let error = #expect(throws: RecurrentError.self) { try model.move(to: Device.named("cpu", threads: 1)) }
    #expect(error?.kind == .outOfMemory && error?.what.contains("GiB") == true)
  }
}
