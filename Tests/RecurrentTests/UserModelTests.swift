import Foundation
import Recurrent
import Testing

// What README shows, word for word (`ShownCodeTests` compares), and more that a user would write: no backend is named but where
// the oracle makes small tests exact.

final class WordTagger: Module {
  let words: Embedding, encoder: LSTM, head: Dense

  init(words count: Int, tags: Int) throws {
    words = try Embedding(tokens: count, size: 64)
    encoder = try LSTM(input: 64, hidden: 64, bidirectional: true)
    head = try Dense(input: 128, output: tags)
  }

  func callAsFunction(_ tokens: Tokens) throws -> Tensor {
    try head(encoder(words(tokens), lengths: tokens.lengths).outputs)
  }
}

// The example names a file beside itself, which lies elsewhere here.
extension WordTagger {
  static func path(_ name: String) -> String {
    FileManager.default.temporaryDirectory.appendingPathComponent("recur-\(getpid())-\(name)").path
  }

  func save(to name: String) throws { try (self as any Module).save(to: Self.path(name)) }

  func load(from name: String) throws { try (self as any Module).load(from: Self.path(name)) }
}

@Suite struct UserModelTests {
  @Test func aLanguageModelTrainsAndWrites() throws {
    let file = FileManager.default.temporaryDirectory.appendingPathComponent("recur-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: file) }
    try Data(String(repeating: "ROMEO:\nWhat light through yonder window breaks?\n", count: 60).utf8).write(to: file)
    // The example reads a file that lies elsewhere here, so this stands in for the type.
    // swift-format-ignore: AlwaysUseLowerCamelCase
    func TextDataset(contentsOf name: String, tokens: TokenKind) throws -> Recurrent.TextDataset {
      try Recurrent.TextDataset(contentsOf: file.path, tokens: tokens)
    }

    let text = try TextDataset(contentsOf: "input.txt", tokens: .characters)
    let rnn = try LSTM(input: 128, hidden: 256, layers: 2, dropout: 0.2)
    let model = try LanguageModel(vocabulary: text.vocabulary, embedding: 128, rnn: rnn)
    let trainer = try Trainer(model, optimizer: Adam(learningRate: 2e-3), clipNorm: 5, device: .auto())
    try trainer.fit(text.streams(batchSize: 50, steps: 50), epochs: 10, reportEvery: 100) { print($0) }
    print("ROMEO:" + (try model.generate(prompt: "ROMEO:", length: 200, temperature: 0.8)))

    let reader = try TokenStream(model)
    var scores = [Float](repeating: 0, count: model.vocabularySize)
    for token in try text.vocabulary.encode("ROMEO:") { try reader([token], logits: &scores) }
    print(scores)

    #expect(trainer.progress.epoch == 10)
    // Guessing among 24 symbols costs 3.2.
    #expect(try model.meanLoss(over: text.streams(batchSize: 50, steps: 50)) < 3)
  }

  @Test func aClassifierIsAsked() throws {
    let path = WordTagger.path("sentiment")
    defer { try? FileManager.default.removeItem(atPath: path) }
    // The example names a folder beside itself, which lies elsewhere here.
    enum Classifier {
      static func load(fromFolder name: String, device: Device) throws -> Recurrent.Classifier {
        try Recurrent.Classifier.load(fromFolder: WordTagger.path(name), device: device)
      }
    }
    let trained = try Recurrent.Classifier(
      vocabularySize: 3, encoding: .embedding(2), rnn: GRU(input: 2, hidden: 3), classes: 2)
    trained.vocabulary = try Vocabulary(of: "wonderful film", kind: .words)
    try trained.move(to: .auto())
    try trained.save(toFolder: path)

    let classifier = try Classifier.load(fromFolder: "sentiment", device: .auto())
    let texts = try classifier.texts([TextExample(text: "a wonderful film")])
    let tape = try Tape(classifier.device(), mode: .evaluation)
    let likely = try classifier.probabilities(of: texts.batch([0]).tokens(on: tape))[0]
    print(classifier.labels, likely)

    #expect(likely.count == 2 && abs(likely[0] + likely[1] - 1) < 1e-6)
  }

  @Test func aClassifierTrainsOnTexts() throws {
    let model = try Classifier(vocabularySize: 4, encoding: .embedding(4), rnn: GRU(input: 4, hidden: 4), classes: 2)
    model.vocabulary = try Vocabulary(of: "a wonderful dull film", kind: .words)
    model.labels = ["bad", "good"]
    let texts = try model.texts(
      (0..<40).map { number in
        let isGood = number % 3 == 0
        return TextExample(text: isGood ? "a wonderful film" : "dull", label: isGood ? "good" : "bad")
      })
    let buckets = try LengthBuckets(lengths: texts.lengths, batch: 8)
    let trainer = try Trainer(model, optimizer: Adam(learningRate: 0.05), device: .named("cpu")) {
      (model, batch: LabelledBatch, _, tape) in try model.loss(of: batch, on: tape)
    }
    try trainer.fit(epochs: 10) { epoch in buckets.batches(epoch: epoch).map(texts.batch) }
    let result = try model.evaluate(buckets.sorted.map(texts.batch), on: trainer.tape)
    #expect(result.confusion.accuracy == 1 && result.loss < 0.3)
  }

  @Test func aTaggerTrainsAndIsSaved() throws {
    defer { try? FileManager.default.removeItem(atPath: WordTagger.path("tagger.safetensors")) }

    // Time first: sentences of 3 and 2 words, one per column, padded with −1.
    let batch = SequenceBatch(
      inputs: [3, 1, 4, 2, 0, -1], targets: [1, 0, 0, 1, 1, -1], steps: 3, batchSize: 2, lengths: [3, 2])
    let tagger = try WordTagger(words: 5, tags: 2)
    let trainer = try Trainer(tagger, optimizer: Adam(learningRate: 0.01), device: .auto()) {
      (model, batch: SequenceBatch, _, tape) in
      let logits = try model(batch.tokens(on: tape))
      return try BatchLoss(crossEntropy(logits, batch.labels(on: tape)), weight: batch.weight, items: batch.items)
    }
    try trainer.fit([batch], epochs: 50) { print($0) }
    try tagger.save(to: "tagger.safetensors")

    let saved = try WordTagger(words: 5, tags: 2)
    try saved.load(from: "tagger.safetensors")
    try saved.move(to: .auto())
    let tape = try Tape(saved.device(), mode: .evaluation)
    print(try saved(tape.tokens([3, 4, 0], steps: 3, batchSize: 1)).argmax())

    #expect(try trainer.epochLoss() ?? 9 < 0.1)
    #expect(try saved.stateDictionary() == tagger.stateDictionary())
    #expect(try saved(tape.tokens([3, 4, 0], steps: 3, batchSize: 1)).argmax() == [1, 0, 1])
  }

  @Test func aForecasterTrainsEitherWay() throws {
    let temperatures = (0..<120).map { 11 + 9 * sin(2 * .pi * Float($0) / 12) }

    let scaler = try StandardScaler(fitting: temperatures)
    let windows = try Windows(scaler.applied(to: temperatures), steps: 24)
    let forecaster = try SequenceRegressor(rnn: GRU(input: 1, hidden: 32))
    let trainer = try Trainer(forecaster, optimizer: Adam(learningRate: 0.01), clipNorm: 1, device: .auto()) {
      (model, batch: Windows.Batch, _, tape) in
      try BatchLoss(meanSquaredError(model(batch.inputs(on: tape)), batch.targets(on: tape).step(0)))
    }
    try trainer.fit(epochs: 20) { epoch in windows.batches(of: 24, seed: 1, epoch: epoch) }
    // Guessing the mean costs 1.
    let trained = try trainer.evaluate(windows.batches(of: 24))
    #expect(trained < 0.05)

    let optimizer = AdamW(learningRate: 0.01)
    try forecaster.move(to: .auto())
    try optimizer.attach(to: forecaster)
    let tape = try Tape(forecaster.device())
    for batch in windows.batches(of: 24, seed: 1) {
      tape.reset()
      try optimizer.zeroGradients()
      let error = try meanSquaredError(forecaster(batch.inputs(on: tape)), batch.targets(on: tape).step(0))
      try error.backward()
      try forecaster.clipGradients(norm: 1)
      try optimizer.step()
    }
    #expect(try forecaster.gradientNorm() < 1.001)
  }

  typealias Sentences = (words: [Int32], tags: [Int32])

  @Test func aModelOfOnesOwnTrains() throws {
    // A word's tag is whether the word after it is even: only a model that reads backwards knows.
    let words: [Int32] = [3, 4, 2, 1, 5, 5, 0, 2, 4, 1, 3, 0, 2, 5, 1, 4]
    let tags = (0..<16).map { $0 < 12 ? 1 - words[$0 + 4] % 2 : -1 }
    let device = try Device.named("reference")
    let trainer = try Trainer(
      WordTagger(words: 6, tags: 2), optimizer: Adam(learningRate: 0.05), clipNorm: 5, device: device
    ) { (model, batch: Sentences, _, tape) in
      let logits = try model(tape.tokens(batch.words, steps: 4, batchSize: 4, lengths: [4, 4, 4, 4]))
      return BatchLoss(try crossEntropy(logits, tape.labels(batch.tags, shape: [4, 4])), weight: 12, items: 12)
    }
    var losses: [Double] = []
    try trainer.fit([(words, tags)], epochs: 60) { losses.append($0.loss) }
    #expect(losses[0] > 0.6 && losses[59] < 0.05)
    #expect("\(trainer.model)".contains("(encoder): LSTM(64, 64, bidirectional)"))
  }

  @Test func aLoopOfOnesOwnTrainsToo() throws {
    let device = try Device.named("reference")
    let model = Sequential(try Dense(input: 2, output: 8), ActivationLayer(.tanh), try Dense(input: 8, output: 1))
    let optimizer = Adam(learningRate: 0.05)
    try model.move(to: device)
    try optimizer.attach(to: model)
    let tape = Tape(device)
    var loss: Float = 1
    for _ in 0..<150 {
      tape.reset()
      try optimizer.zeroGradients()
      let inputs = try tape.tensor([0, 0, 0, 1, 1, 0, 1, 1], shape: [4, 2])
      let error = try binaryCrossEntropyWithLogits(model(inputs), tape.tensor([0, 1, 1, 0], shape: [4, 1]))
      try error.backward()
      try optimizer.step()
      loss = try error.item()
    }
    #expect(loss < 0.05)
  }
}
