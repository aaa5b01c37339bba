/// Where the gradient of a tensor collects while the backward pass runs.
///
/// The first contribution sets, every further one adds. A view (a slice, a reshaped tensor) has no memory of its own: its
/// gradient is a view of its parent's.
final class GradientSlot {
  private enum Source {
    case own(rows: Int, columns: Int)
    case view(of: GradientSlot, isWhole: Bool, map: (Region) throws -> Region)
    case parameter(Region)
  }

  private let source: Source
  private var region: Region?

  /// For a result of `rows` × `columns`.
  init(rows: Int, columns: Int) {
    source = .own(rows: rows, columns: columns)
  }

  /// For a view of `parent`; `isWhole` if it shows every element.
  init(viewOf parent: GradientSlot, isWhole: Bool, map: @escaping (Region) throws -> Region) {
    source = .view(of: parent, isWhole: isWhole, map: map)
  }

  /// For a parameter, whose gradient always adds.
  init(parameter: Region) {
    source = .parameter(parameter)
  }

  /// The slot whose memory this is.
  var root: GradientSlot {
    if case .view(let parent, _, _) = source { parent.root } else { self }
  }

  /// The gradient so far, or nil if nothing has contributed.
  func current() throws -> Region? {
    switch source {
    case .own: region
    case .parameter(let region): region
    case .view(let parent, _, let map): try parent.current().map(map)
    }
  }

  /// Where the next contribution goes.
  func output(on tape: Tape) throws -> Output {
    switch source {
    case .parameter(let region): return .add(region)
    case .own(let rows, let columns):
      if let region { return .add(region) }
      let new = try tape.allocate(rows: rows, columns: columns)
      region = new
      return .set(new)
    case .view(let parent, let isWhole, let map):
      if !isWhole { try parent.prime(on: tape) }
      let output = try parent.output(on: tape)
      return try output.at(map(output.region))
    }
  }

  /// Makes a gradient that nothing has contributed to zero, so that contributions may come in any order.
  func prime(on tape: Tape) throws {
    guard try current() == nil else { return }
    try tape.backend.fill(output(on: tape).region, with: 0)
  }
}

extension Output {
  /// Another place, written the same way.
  func at(_ region: Region) -> Output { adds ? .add(region) : .set(region) }
}
