import Recurrent
import RecurrentReference

@testable import RecurrentModel

// Uses of losses, modules and training, and calls in the wrong order.

extension Misuse {
  static let losses: [Use] = [
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
      "losses of numbers",
      { u in
        let (x, y) = (
          try u.tensor(u.pick([[2, 3], [2, 3], [3, 2]])), try u.tensor(u.pick([[2, 3], [2], [3, 2]]))
        )
        let (weights, reduction) = (u.pick([nil, [1, 2], [1]]) as [Float]?, u.pick([Reduction.mean, .sum, .none]))
        let loss =
          switch u.pick([0, 1, 2, 3, 4, 5]) {
          case 0: try huberLoss(x, y, delta: u.pick([1, 1, 0, -1, .nan]), weights: weights, reduction: reduction)
          case 1: try meanAbsoluteError(x, y, weights: weights, reduction: reduction)
          case 2:
            try gaussianLoss(
              x, y, variances: u.tensor(u.pick([[2, 3], [3], []])).exp(), weights: weights, reduction: reduction)
          case 3: try poissonLoss(x, y.abs(), isLogarithm: true, weights: weights, reduction: reduction)
          case 4:
            try negativeBinomialLoss(
              x.exp(), y.abs(), dispersions: u.tensor(u.pick([[2, 3], [3], []])).exp(), weights: weights,
              reduction: reduction)
          default:
            try quantileLoss(
              x, y, quantiles: u.pick([[0.1, 0.5, 0.9], [0.5], [0, 1, 2]]), weights: weights, reduction: reduction)
          }
        return try u.differentiated(loss, x)
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
        let tags = try u.tape.tokens(
          u.integers(x.shape[0] * x.shape[1], below: 3), steps: x.shape[0], batchSize: x.shape[1])
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

  static let modules: [Use] = [
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
      "attention",
      { u in
        let (states, lengths) = try u.sequence()
        let rows = u.pick([states.shape[1], states.shape[1], 3])
        let queries = try u.tensor(u.pick([[u.small(), rows, 2], [rows, 2], [rows, 3], [2]]))
        let (kind, features) = (u.pick([0, 1, 2, 3]), u.pick([2, 2, u.size()]))
        let mask = try u.pick([nil, u.tape.mask([true, false], shape: [2]), u.tape.causalMask(u.place())])
        if kind == 0 {
          let heads = try MultiHeadAttention(features, heads: u.pick([1, 2, u.size()]), dropout: u.pick([0, 0, 1]))
          try heads.move(to: u.device)
          return try u.differentiated(
            heads(queries, heads.memory(states, lengths: lengths), mask: mask).context, queries, states)
        }
        let attention: any Attention =
          switch kind {
          case 1: DotAttention(scaled: true)
          case 2: try GeneralAttention(query: features, memory: u.pick([2, u.size()]))
          default: try AdditiveAttention(query: features, memory: 2, units: u.pick([3, u.size()]))
          }
        if kind > 1 { try attention.move(to: u.device) }
        let memory =
          try u.pick([true, true, false]) ? attention.memory(states, lengths: lengths) : DotAttention().memory(states)
        return try u.differentiated(attention(queries, memory, mask: mask).context, queries, states)
      }
    ),
    (
      "device data",
      { u in
        let data = try DeviceData(u.values(6), shape: u.pick([[3, 2], [6], [2, 1, 3], [u.size(), 2]]), on: u.device)
        let windows = try Windows(
          u.values(8), features: u.pick([1, 2, 3]), steps: u.pick([2, u.size()]),
          stride: u.pick([1, 2, u.size()]))
        let resident = try DeviceWindows(windows, on: u.device)
        let numbers = [u.place(), u.place()]
        return try [
          data.elements(numbers, on: u.tape), data.windows(of: u.pick([1, 2, u.size()]), at: numbers, on: u.tape),
          resident.inputs(numbers, on: u.tape),
        ]
      }
    ),
    (
      "layer norm",
      { u in
        // Where a row's numbers are nearly equal, what float32 loses of them decides.
        let norm = try LayerNorm(u.pick([2, 3, u.size()]), epsilon: 0.1)
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
        return [try table(u.tape.tokens(u.integers(6, below: 4), steps: 3, batchSize: 2))]
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
        let stream = try RecurrentStream(rnn, batchSize: u.pick([1, 2, u.size()]))
        return [try u.tape.tensor(stream(u.values(u.pick([2, 4, 3]))), shape: [u.pick([2, 4, 3])])]
      }
    ),
    (
      "language model",
      { u in
        let model = try LanguageModel(vocabularySize: u.pick([4, 4, u.size()]), embedding: 2, rnn: u.stack())
        try model.move(to: u.device)
        let tokens = try u.tape.tokens(u.integers(6, below: 4), steps: u.pick([3, 2, -3]), batchSize: u.pick([2, -2]))
        return [try model(tokens).logits]
      }
    ),
    (
      "token stream",
      { u in
        let model = try LanguageModel(vocabularySize: 4, embedding: 2, rnn: GRU(input: 2, hidden: u.pick([2, 3])))
        if u.pick([true, true, false]) { try model.move(to: u.device) }
        var scores = [Float](repeating: 0, count: u.pick([4, 4, 8, 1]))
        let stream = try TokenStream(model, batchSize: u.pick([1, 1, 2, u.size()]))
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
          u.integers(6, below: 4), steps: 3, batchSize: 2, lengths: u.pick([nil, [3, 1], [0, 9]]))
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
          u.integers(6, below: 4), steps: 3, batchSize: 2, lengths: u.pick([nil, [3, 1], [0, 9]]))
        return [try model.loss(of: words, tags: u.integers(u.pick([6, 6, 5]), below: 4)).loss]
      }
    ),
  ]

  static let training: [Use] = [
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
        let streams = try Streams(u.integers(u.pick([0, 1, 20]), below: 3), batchSize: u.size(), steps: u.size())
        return try streams.map { try u.tape.labels($0.inputs, shape: [$0.steps, $0.batchSize]).asNumbers() }
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

  static let orders: [Use] = [
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
