import Recurrent
import RecurrentReference
import TestSupport
import Testing

@testable import RecurrentModel

/// A thousand uses of the public API with random shapes, sizes, orders and devices, most of them wrong: each throws, or does
/// on every device what it does on the oracle. None traps, which would end the tests.
@Suite struct MisuseTests {
  private static let count = 1000

  @Test(arguments: TestDevice.all) func everyMisuseThrowsOrIsRight(_ device: TestDevice) throws {
    try device.run { backend in
      let (oracle, other) = (Device(ReferenceBackend()), Device(backend))
      var outcomes = (thrown: 0, computed: 0)
      for seed in 0..<UInt64(Self.count) {
        let (expected, found) = (Self.outcome(seed, on: oracle), Self.outcome(seed, on: other))
        #expect(expected.matches(found), "seed \(seed), \(Misuse.name(seed)): \(expected), and on the device \(found)")
        if case .thrown = found { outcomes.thrown += 1 } else { outcomes.computed += 1 }
      }
      // Both kinds occur often, or nothing is tested.
      #expect(outcomes.thrown > Self.count / 4 && outcomes.computed > Self.count / 4, "\(outcomes)")
    }
  }

  private static func outcome(_ seed: UInt64, on device: Device) -> Outcome {
    do {
      var misuse = Misuse(seed, on: device)
      return .computed(try misuse.run().map { ($0.shape, try $0.values()) })
    } catch let error as RecurrentError {
      return .thrown(error.kind, "\(error)")
    } catch {
      return .unexpected("\(error)")
    }
  }
}

private enum Outcome: CustomStringConvertible {
  case computed([(shape: [Int], values: [Float])])
  case thrown(RecurrentError.Kind, String)
  case unexpected(String)

  func matches(_ other: Outcome) -> Bool {
    switch (self, other) {
    case (.thrown(let kind, _), .thrown(let otherKind, _)): return kind == otherKind
    case (.computed(let ours), .computed(let theirs)):
      return ours.count == theirs.count
        && zip(ours, theirs).allSatisfy { a, b in
          a.shape == b.shape && a.values.count == b.values.count
            && zip(a.values, b.values).allSatisfy {
              $0 == $1 || $0.isNaN && $1.isNaN || abs($0 - $1) <= 1e-4 * (1 + abs($0))
            }
        }
    default: return false
    }
  }

  var description: String {
    switch self {
    case .computed(let results): "\(results)"
    case .thrown(_, let text): "error \(text)"
    case .unexpected(let text): "unexpected \(text)"
    }
  }
}

/// One use, drawn from a seed.
private struct Misuse {
  private let seed: UInt64
  private let device: Device
  private let tape: Tape
  private var random: RandomSource

  init(_ seed: UInt64, on device: Device) {
    (self.seed, self.device, tape, random) = (seed, device, Tape(device), RandomSource(seed: seed))
  }

  static func name(_ seed: UInt64) -> String { use(seed).name }

  private static func use(_ seed: UInt64) -> Use { uses[Int(seed % UInt64(uses.count))] }

  /// What the use computes.
  mutating func run() throws -> [Tensor] { try Self.use(seed).body(&self) }

  // MARK: Draws

  private mutating func pick<Value>(_ values: [Value]) -> Value { values[random.integer(below: values.count)] }
  /// A size that is right more often than not.
  private mutating func size() -> Int { pick([1, 2, 2, 3, 3, 4, 5, 0, -1, 1 << 40, .max]) }
  private mutating func small() -> Int { pick([1, 2, 3, 4]) }
  private mutating func place() -> Int { pick([0, 0, 1, 1, 2, 3, -1, 1 << 40, .min, .max]) }
  private mutating func range() -> Range<Int> {
    let bounds = [place(), place()].sorted()
    return bounds[0]..<bounds[1]
  }
  private mutating func shape() -> [Int] { (0..<pick([0, 1, 2, 2, 3, 3, 4])).map { _ in pick([1, 2, 2, 3, 0]) } }
  private mutating func wildShape() -> [Int] { (0..<pick([0, 1, 2, 3])).map { _ in size() } }
  private mutating func values(_ count: Int) -> [Float] { (0..<count).map { _ in Float(random.uniform() * 4 - 2) } }
  private mutating func integers(_ count: Int, below limit: Int) -> [Int32] {
    let least = pick([0, 0, -1, -5])
    return (0..<max(count, 0)).map { _ in Int32(least + random.integer(below: max(limit - least, 1))) }
  }
  private mutating func tensor(_ shape: [Int]? = nil) throws -> Tensor {
    let shape = shape ?? self.shape()
    return try tape.tensor(values(shape.reduce(1, *)), shape: shape, needsGradient: true)
  }
  /// A sequence, its lengths right more often than not.
  private mutating func sequence() throws -> (x: Tensor, lengths: Lengths?) {
    let (steps, rows) = (small(), small())
    let x = try tensor([steps, rows, pick([2, 2, 2, 3])])
    let lengths =
      try pick([true, false]) ? tape.lengths(integers(pick([rows, rows, rows + 1]), below: steps + 1)) : nil
    return (x, lengths)
  }
  private mutating func stack() throws -> RecurrentStack {
    let (input, hidden, layers) = (pick([2, 2, 2, size()]), pick([2, 3, size()]), pick([1, 1, 2, -1, 1 << 40]))
    let (twoWay, batchFirst, dropout) = (
      pick([true, false]), pick([true, false, false]), pick([0, 0, 0.5, 1, -1, .nan])
    )
    let dropped = Float(dropout)
    switch pick([0, 1, 2]) {
    case 0:
      return try LSTM(
        input: input, hidden: hidden, layers: layers, dropout: dropped, bidirectional: twoWay, batchFirst: batchFirst)
    case 1:
      return try GRU(
        input: input, hidden: hidden, layers: layers, dropout: dropped, bidirectional: twoWay, batchFirst: batchFirst)
    default:
      return try Elman(
        input: input, hidden: hidden, layers: layers, dropout: dropped, bidirectional: twoWay, batchFirst: batchFirst)
    }
  }

  /// A result, and its gradient with respect to the inputs.
  private func differentiated(_ y: Tensor, _ inputs: Tensor...) throws -> [Tensor] {
    guard y.needsGradient, y.count > 0 else { return [y] }
    try y.sum().backward()
    return try [y] + inputs.compactMap { x in try x.gradient().map { try tape.tensor($0, shape: x.shape) } }
  }

  // MARK: Uses

  private typealias Use = (name: String, body: @Sendable (inout Misuse) throws -> [Tensor])

  private static let uses: [Use] =
    creating + arithmetic + shaping + products + losses + modules + training + orders

  private static let creating: [Use] = [
    ("tensor", { u in [try u.tape.tensor(u.values(u.pick([0, 1, 4, 6])), shape: u.wildShape())] }),
    ("full", { u in [try u.tape.full(u.wildShape(), 2)] }),
    ("kept", { u in [try u.tape.kept(u.values(u.pick([0, 1, 4])), shape: u.wildShape())] }),
    (
      "tokens",
      { u in
        [try u.tape.tokens(u.integers(u.pick([4, 6]), below: 3), steps: u.size(), rows: u.size()).oneHot(u.size())]
      }
    ),
    ("labels", { u in [try u.tape.labels(u.integers(4, below: 3), shape: u.wildShape()).asNumbers()] }),
    (
      "allocate",
      { u in
        let (rows, columns) = (u.size(), u.size())
        let region = try u.tape.allocate(rows: rows, columns: columns)
        try u.tape.backend.fill(region, with: 3)
        return [
          try u.tape.record(region.part(rows: u.range()), shape: [u.size(), u.size()], from: []) { _, _, _ in [] }
        ]
      }
    ),
    ("detached", { u in [try u.tensor().detached()] }),
    (
      "parameter",
      { u in
        let parameter = Parameter(
          u.wildShape(), u.pick([.zeros, .orthogonal(), .forgetGate(), .gates(0, .he), .values([1])]))
        try Sequential(Scaled(parameter)).move(to: u.device, seed: 1)
        return [try parameter.tensor(on: u.tape)]
      }
    ),
  ]

  private static let arithmetic: [Use] = [
    (
      "+",
      { u in
        let (a, b) = (try u.tensor(), try u.tensor())
        return try u.differentiated(a + b, a, b)
      }
    ),
    (
      "-",
      { u in
        let (a, b) = (try u.tensor(), try u.tensor())
        return try u.differentiated(a - b, a, b)
      }
    ),
    (
      "*",
      { u in
        let a = try u.tensor([2, 3])
        let b = try u.tensor(u.pick([[2, 3], [3, 2], [3], [1, 3], [6], []]))
        return try u.differentiated(a * b, a, b)
      }
    ),
    (
      "activations",
      { u in
        let x = try u.tensor()
        return try u.differentiated(x.tanh() + x.sigmoid() + x.relu(), x)
      }
    ),
    (
      "softmax",
      { u in
        let x = try u.tensor()
        return try u.differentiated(x.softmax(mask: u.pick([nil, [true, false, true, true], [true]])), x)
      }
    ),
    (
      "broadcast operators",
      { u in
        let (a, b) = (try u.tensor(), try u.tensor())
        let y = try u.pick([0, 1, 2, 3, 4]) == 0 ? a / (b * b + 1) : a.maximum(b) - a.minimum(b) * 2
        return try u.differentiated(y, a, b)
      }
    ),
    (
      "functions",
      { u in
        let x = try u.tensor()
        return try u.differentiated(x.exp() + (x.abs() + 1).log() + (1 - x).clamped(to: -1...1), x)
      }
    ),
    (
      "where",
      { u in
        let (mask, a, b) = (try u.tensor(), try u.tensor(), try u.tensor())
        return try u.differentiated(Tensor.where(mask .> 0, a, b).masked(mask .< -1, with: 2), a, b)
      }
    ),
    (
      "axes",
      { u in
        let x = try u.tensor()
        let (axes, keeps) = (u.pick([[], [0], [u.place()], [0, -1], [-1, u.place()]]), u.pick([true, false]))
        let y = try u.pick([x.sum, x.mean, x.max])(axes, keeps)
        return try u.differentiated(y, x)
      }
    ),
    ("argmax of an axis", { u in [try u.tensor().argmax(axis: u.place(), keepsAxes: true).asNumbers()] }),
    (
      "along an axis",
      { u in
        let x = try u.tensor()
        return try u.differentiated(x.cumsum(axis: u.place()) + x.logSoftmax(axis: u.place()), x)
      }
    ),
    ("dropout", { u in [try u.tensor().dropout(Float(u.pick([0, 0.5, 1, -1, Double.nan])))] }),
    (
      "sum",
      { u in
        let x = try u.tensor()
        return try u.differentiated(x.sum(over: u.pick([.rows, .columns, .all])), x)
      }
    ),
    (
      "mean",
      { u in
        let x = try u.tensor()
        return try u.differentiated(x.mean(over: u.pick([.rows, .columns, .all])), x)
      }
    ),
    ("argmax", { u in [try u.tape.labels(u.tensor().argmax()).asNumbers()] }),
    (
      "max over time",
      { u in
        let (x, lengths) = try u.sequence()
        return try u.differentiated(x.maxOverTime(lengths: lengths), x)
      }
    ),
    (
      "mean over time",
      { u in
        let (x, lengths) = try u.sequence()
        return try u.differentiated(x.meanOverTime(lengths: lengths), x)
      }
    ),
  ]

  private static let shaping: [Use] = [
    (
      "reshaped",
      { u in [try u.tensor().reshaped(u.pick([u.wildShape(), [-1], [2, -1], [-1, -1], [0, -1], [4], [2, 2]]))] }
    ),
    (
      "slice",
      { u in
        let x = try u.tensor()
        return try u.differentiated(x.slice(u.range()), x)
      }
    ),
    (
      "columns",
      { u in
        let x = try u.tensor()
        return try u.differentiated(x.columns(u.range()), x)
      }
    ),
    (
      "step",
      { u in
        let x = try u.tensor()
        return try u.differentiated(x.step(u.place()), x)
      }
    ),
    ("last step", { u in [try u.tensor().lastStep()] }),
    (
      "swapping",
      { u in
        let x = try u.tensor()
        return try u.differentiated(x.swappingLeadingAxes(), x)
      }
    ),
    (
      "concatenate",
      { u in
        let (a, b) = (try u.tensor([2, u.small()]), try u.tensor())
        return try u.differentiated(.concatenate([a, u.pick([a, b]), b]), a, b)
      }
    ),
    (
      "permuted",
      { u in
        let x = try u.tensor()
        let y =
          try u.pick([true, false])
          ? x.transposed(u.place(), u.place()) : x.permuted(u.pick([[1, 0], [0, 2, 1], [-1], []]))
        return try u.differentiated(y, x)
      }
    ),
    (
      "expanded",
      { u in
        let x = try u.tensor()
        return try u.differentiated(x.expanded(to: u.pick([x.shape, [2] + x.shape, u.shape(), u.wildShape()])), x)
      }
    ),
    (
      "slice of an axis",
      { u in
        let x = try u.tensor()
        return try u.differentiated(x.slice(u.range(), axis: u.place()), x)
      }
    ),
    (
      "concatenate along an axis",
      { u in
        let (a, b) = (try u.tensor(), try u.tensor())
        return try u.differentiated(.concatenate(u.pick([[a, a], [a, b], []]), axis: u.place()), a, b)
      }
    ),
    (
      "stack",
      { u in
        let (a, b) = (try u.tensor(), try u.tensor())
        return try u.differentiated(.stack(u.pick([[a, a], [a, b], [], [b]])), a, b)
      }
    ),
    (
      "rows",
      { u in
        let x = try u.tensor()
        return try u.differentiated(x.rows(at: u.tape.labels(u.integers(4, below: 4))), x)
      }
    ),
  ]

  private static let products: [Use] = [
    (
      "matmul",
      { u in
        let (a, b) = (try u.tensor(), try u.tensor())
        return try u.differentiated(a.matmul(b, transposed: u.pick([true, false])), a, b)
      }
    ),
    (
      "square matmul",
      { u in
        let (a, b) = (try u.tensor([2, 2, 2]), try u.tensor([2, u.pick([2, 2, 3])]))
        return try u.differentiated(a.matmul(b, transposed: u.pick([true, false])), a, b)
      }
    ),
    (
      "linear",
      { u in
        let (a, b, c) = (try u.tensor([2, u.pick([2, 3])]), try u.tensor([3, 2]), try u.tensor())
        return try u.differentiated(a.linear(b, bias: u.pick([nil, c])), a, b, c)
      }
    ),
    (
      "batched",
      { u in
        let (a, b) = (
          try u.tensor([2, u.small(), 2]), try u.tensor([u.pick([2, 2, 3]), u.small(), u.pick([2, 2, 3])])
        )
        let axes =
          (u.pick([.first, .middle]), u.pick([.first, .middle]), u.pick([.first, .middle]))
          as (Tensor.BatchAxis, Tensor.BatchAxis, Tensor.BatchAxis)
        let product = try a.batchedMatmul(
          b, axes: axes, transposesA: u.pick([true, false]), transposesB: u.pick([true, false]))
        return try u.differentiated(product, a, b)
      }
    ),
  ]

  private static let losses: [Use] = [
    (
      "cross-entropy",
      { u in
        let x = try u.tensor(u.pick([[2, 3], [2, 2, 3], [4, 3], [3], []]))
        let targets = try u.tape.labels(u.integers(4, below: 4), shape: u.pick([[4], [2, 2], [2]]))
        let weights = u.pick([nil, nil, [1, 0, 2, 1], [1, 2]]) as [Float]?
        return try u.differentiated(crossEntropy(x, targets, weights: weights, smoothing: u.pick([0, 0, 0.1, 2])), x)
      }
    ),
    (
      "squared error",
      { u in
        let (x, y) = (try u.tensor(u.pick([[2, 3], [3, 2], [6]])), try u.tensor([2, 3]))
        return try u.differentiated(meanSquaredError(x, y, weights: u.pick([nil, [1, 2], [1]])), x)
      }
    ),
    (
      "binary cross-entropy",
      { u in
        let (x, y) = (try u.tensor(u.pick([[2, 3], [3, 2], [6]])), try u.tape.full([2, 3], u.pick([0, 1, 0.5])))
        return try u.differentiated(binaryCrossEntropyWithLogits(x, y), x)
      }
    ),
    (
      "CRF",
      { u in
        let crf = try CRF(tags: u.pick([2, 2, u.size()]))
        try crf.move(to: u.device)
        let (x, lengths) = try u.sequence()
        let tags = try u.tape.tokens(u.integers(x.shape[0] * x.shape[1], below: 3), steps: x.shape[0], rows: x.shape[1])
        return try u.differentiated(crf.negativeLogLikelihood(emissions: x, tags: tags, lengths: lengths), x)
      }
    ),
    (
      "decode",
      { u in
        let crf = try CRF(tags: 2)
        try crf.move(to: u.device)
        let (x, lengths) = try u.sequence()
        return try crf.decode(x, lengths: lengths).map { try u.tape.labels($0).asNumbers() }
      }
    ),
  ]

  private static let modules: [Use] = [
    (
      "dense",
      { u in
        let dense = try Dense(
          input: u.pick([2, u.size()]), output: u.pick([3, u.size()]), bias: u.pick([true, false]))
        try dense.move(to: u.device)
        let x = try u.tensor()
        return try u.differentiated(dense(x), x)
      }
    ),
    (
      "layer norm",
      { u in
        let norm = try LayerNorm(u.pick([2, 3, u.size()]))
        try norm.move(to: u.device)
        let x = try u.tensor([u.small(), u.small()])
        return try u.differentiated(norm(x), x)
      }
    ),
    (
      "embedding",
      { u in
        let table = try Embedding(
          tokens: u.pick([3, 4, u.size()]), size: u.pick([2, u.size()]), sparse: u.pick([true, false]))
        try table.move(to: u.device)
        return [try table(u.tape.tokens(u.integers(6, below: 4), steps: 3, rows: 2))]
      }
    ),
    (
      "recurrent",
      { u in
        let rnn = try u.stack()
        try rnn.move(to: u.device)
        let (x, lengths) = try u.sequence()
        let resets = try u.pick([nil, u.tape.resets((0..<u.pick([x.shape[0] * x.shape[1], 3])).map { $0 % 2 == 0 })])
        let size = u.pick([x.shape[1], x.shape[1], 3])
        let h = try u.tensor([u.pick([1, 1, 2, 4]), size, u.pick([2, 3])])
        let state = u.pick([nil, nil, RecurrentState(h: h), RecurrentState(h: h, c: h)]) as RecurrentState?
        let result = try rnn(x, state: state, lengths: lengths, resets: resets)
        return try u.differentiated(result.outputs, x)
      }
    ),
    (
      "stream",
      { u in
        let rnn = try u.stack()
        if u.pick([true, true, true, false]) { try rnn.move(to: u.device) }
        let stream = try RecurrentStream(rnn, rows: u.pick([1, 2, u.size()]))
        return [try u.tape.tensor(stream(u.values(u.pick([2, 4, 3]))), shape: [u.pick([2, 4, 3])])]
      }
    ),
    (
      "language model",
      { u in
        let model = try LanguageModel(vocabularySize: u.pick([4, 4, u.size()]), embedding: 2, rnn: u.stack())
        try model.move(to: u.device)
        let tokens = try u.tape.tokens(u.integers(6, below: 4), steps: u.pick([3, 2, -3]), rows: u.pick([2, -2]))
        return [try model(tokens).logits]
      }
    ),
    (
      "token stream",
      { u in
        let model = try LanguageModel(vocabularySize: 4, embedding: 2, rnn: GRU(input: 2, hidden: u.pick([2, 3])))
        if u.pick([true, true, false]) { try model.move(to: u.device) }
        var scores = [Float](repeating: 0, count: u.pick([4, 4, 8, 1]))
        let stream = try TokenStream(model, rows: u.pick([1, 1, 2, u.size()]))
        try stream(u.integers(u.pick([1, 1, 2]), below: 5), logits: &scores)
        return [try u.tape.tensor(scores, shape: [scores.count])]
      }
    ),
    (
      "classifier",
      { u in
        let model = try Classifier(
          vocabularySize: 4, encoding: .embedding(2), rnn: u.stack(), pooling: u.pick(Pooling.allCases),
          classes: u.pick([2, 3, u.size()]))
        try model.move(to: u.device)
        let tokens = try u.tape.tokens(
          u.integers(6, below: 4), steps: 3, rows: 2, lengths: u.pick([nil, [3, 1], [0, 9]]))
        let labels = u.integers(u.pick([2, 2, 3]), below: 3)
        return [try model.loss(of: tokens, labels: labels, weights: u.pick([nil, [1, 2], [1, 2, 3]])).loss]
      }
    ),
    (
      "tagger",
      { u in
        let model = try Tagger(
          vocabularySize: 4, encoding: .embedding(2), rnn: u.stack(), tags: 3, hasCRF: u.pick([true, false]))
        try model.move(to: u.device)
        let words = try u.tape.tokens(
          u.integers(6, below: 4), steps: 3, rows: 2, lengths: u.pick([nil, [3, 1], [0, 9]]))
        return [try model.loss(of: words, tags: u.integers(u.pick([6, 6, 5]), below: 4)).loss]
      }
    ),
  ]

  private static let training: [Use] = [
    (
      "trainer",
      { u in
        let weight = u.pick([1, 1, 1e18, -1, Double.nan])
        let (columns, clip) = (u.pick([1, 1, 2]), u.pick([nil, 1, 0, -1, Float.nan]) as Float?)
        let trainer = try Trainer(
          Dense(input: 2, output: columns), optimizer: u.pick([SGD(learningRate: 0.1), Adam(), SGD(learningRate: -1)]),
          clipNorm: clip, accumulation: u.pick([1, 2, u.size()]), device: u.device
        ) { (model, batch: [Float], _, tape) in
          let y = try model(tape.tensor(batch, shape: [batch.count / 2, 2]))
          return BatchLoss(columns == 1 ? try y.sum() : y, weight: weight)
        }
        let batches = [u.values(4), u.values(u.pick([2, 4, 3]))]
        for batch in batches { try trainer.train(on: batch) }
        try trainer.fit(batches, epochs: 2)
        return [try u.tape.tensor(trainer.model.weight.values(), shape: trainer.model.weight.shape)]
      }
    ),
    (
      "optimizer",
      { u in
        let dense = try Dense(input: 2, output: 1)
        let prefix = u.pick(["", "weight", "wieght"])
        let optimizer = u.pick([
          SGD(learningRate: 0.1, groups: [ParameterGroup(prefix: prefix)]), AdamW(), RMSprop(), Adagrad(),
        ])
        try dense.move(to: u.device)
        if u.pick([true, true, false]) { try optimizer.attach(to: dense) }
        try dense(u.tensor([2, 2])).sum().backward()
        if u.pick([true, false, false]) { try dense.move(to: u.device) }
        try optimizer.step()
        return [try u.tape.tensor(dense.weight.values(), shape: dense.weight.shape)]
      }
    ),
    (
      "set values",
      { u in
        let dense = try Dense(input: 2, output: 1)
        if u.pick([true, false]) { try dense.move(to: u.device) }
        try dense.weight.setValues(u.values(u.pick([2, 2, 3])))
        return [try u.tape.tensor(dense.weight.values(), shape: [1, 2])]
      }
    ),
    (
      "load",
      { u in
        let dense = try Dense(input: 2, output: 1)
        var state: StateDictionary = [:]
        state[u.pick(["weight", "wieght"])] = try HostTensor(
          shape: u.pick([[1, 2], [2, 1]]), values: u.values(u.pick([2, 2, 3])))
        if u.pick([true, true, false]) { state["bias"] = try HostTensor(shape: [1], values: [0]) }
        try dense.load(state)
        return [try u.tape.tensor(dense.weight.values(), shape: [1, 2])]
      }
    ),
    (
      "batches",
      { u in
        let streams = try Streams(u.integers(u.pick([0, 1, 20]), below: 3), rows: u.size(), steps: u.size())
        return try streams.map { try u.tape.labels($0.inputs, shape: [$0.steps, $0.rows]).asNumbers() }
      }
    ),
    (
      "buckets",
      { u in
        let buckets = try LengthBuckets(lengths: [1, 3, 2, 0], batch: u.size())
        return [try u.tape.labels(buckets.batches(epoch: u.place()).map { Int32($0.count) }).asNumbers()]
      }
    ),
    (
      "sampler",
      { u in
        var sampler = try Sampler(
          temperature: u.pick([0, 1, -1, .nan]), topK: u.pick([nil, 1, u.size()]), topP: u.pick([nil, 0.5, 0, 2]))
        return [try u.tape.labels([sampler(u.pick([[], [1, 2], [.nan, 1]]))]).asNumbers()]
      }
    ),
  ]

  private static let orders: [Use] = [
    (
      "earlier pass",
      { u in
        let (x, tokens) = (try u.tensor([2, 2]), try u.tape.labels([0, 1]))
        if u.pick([true, false]) { u.tape.reset() }
        return try u.differentiated(crossEntropy(x.scaled(by: 2), tokens))
      }
    ),
    (
      "another tape",
      { u in
        let other = Tape(u.pick([u.device, Device(ReferenceBackend())]))
        let x = try u.tensor([2, 2])
        return [try x + u.pick([x, other.full([2, 2], 1)])]
      }
    ),
    (
      "another device",
      { u in
        let dense = try Dense(input: 2, output: 2)
        if u.pick([true, false]) { try dense.move(to: Device(ReferenceBackend())) }
        if u.pick([true, false]) { try dense.move(to: u.device) }
        return [try dense(u.tensor([2, 2]))]
      }
    ),
    (
      "backward",
      { u in
        let x = try u.tensor([2, 2])
        let loss = try u.pick([x.sum(), x, x.mean(), u.tape.full([], 1)])
        if u.pick([true, false]) { u.tape.mode = u.pick([.training, .evaluation]) }
        for _ in 0..<u.pick([1, 1, 2]) { try loss.backward() }
        return [try u.tape.tensor(x.gradient() ?? [], shape: [2, 2])]
      }
    ),
    ("item", { u in [try u.tape.full([], u.tensor(u.pick([[], [1], [2]])).item())] }),
  ]
}

/// A module of one parameter.
private final class Scaled: Layer {
  let scale: Parameter

  init(_ scale: Parameter) { self.scale = scale }

  func forward(_ x: Tensor) throws -> Tensor { try x * scale.tensor(on: x.tape) }
}
