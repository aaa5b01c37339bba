import Recurrent

@testable import RecurrentModel

/// One use of the public API, most likely a wrong one, drawn from a seed.
struct Misuse {
  private let seed: UInt64
  let device: Device
  let tape: Tape
  private var random: RandomSource

  init(_ seed: UInt64, on device: Device) {
    (self.seed, self.device, tape, random) = (seed, device, Tape(device), RandomSource(seed: seed))
  }

  static func name(_ seed: UInt64) -> String { use(seed).name }

  private static func use(_ seed: UInt64) -> Use { uses[Int(seed % UInt64(uses.count))] }

  /// What the use computes.
  mutating func run() throws -> [Tensor] { try Self.use(seed).body(&self) }

  // MARK: Draws

  mutating func pick<Value>(_ values: [Value]) -> Value { values[random.integer(below: values.count)] }
  /// A size that is right more often than not.
  mutating func size() -> Int { pick([1, 2, 2, 3, 3, 4, 5, 0, -1, 1 << 40, .max]) }
  mutating func small() -> Int { pick([1, 2, 3, 4]) }
  mutating func place() -> Int { pick([0, 0, 1, 1, 2, 3, -1, 1 << 40, .min, .max]) }
  mutating func range() -> Range<Int> {
    let bounds = [place(), place()].sorted()
    return bounds[0]..<bounds[1]
  }
  mutating func shape() -> [Int] { (0..<pick([0, 1, 2, 2, 3, 3, 4])).map { _ in pick([1, 2, 2, 3, 0]) } }
  mutating func wildShape() -> [Int] { (0..<pick([0, 1, 2, 3])).map { _ in size() } }
  mutating func values(_ count: Int) -> [Float] { (0..<count).map { _ in Float(random.uniform() * 4 - 2) } }
  mutating func integers(_ count: Int, below limit: Int) -> [Int32] {
    let least = pick([0, 0, -1, -5])
    return (0..<max(count, 0)).map { _ in Int32(least + random.integer(below: max(limit - least, 1))) }
  }
  mutating func tensor(_ shape: [Int]? = nil) throws -> Tensor {
    let shape = shape ?? self.shape()
    return try tape.tensor(values(shape.reduce(1, *)), shape: shape, needsGradient: true)
  }
  /// A sequence, its lengths right more often than not.
  mutating func sequence() throws -> (x: Tensor, lengths: Lengths?) {
    let (steps, rows) = (small(), small())
    let x = try tensor([steps, rows, pick([2, 2, 2, 3])])
    let lengths =
      try pick([true, false]) ? tape.lengths(integers(pick([rows, rows, rows + 1]), below: steps + 1)) : nil
    return (x, lengths)
  }
  mutating func stack() throws -> RecurrentStack {
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
  func differentiated(_ y: Tensor, _ inputs: Tensor...) throws -> [Tensor] {
    guard y.needsGradient, y.count > 0 else { return [y] }
    try y.sum().backward()
    return try [y] + inputs.compactMap { x in try x.gradient().map { try tape.tensor($0, shape: x.shape) } }
  }

  // MARK: Uses

  typealias Use = (name: String, body: @Sendable (inout Misuse) throws -> [Tensor])

  private static let uses: [Use] =
    creating + arithmetic + shaping + products + losses + modules + training + orders
}
