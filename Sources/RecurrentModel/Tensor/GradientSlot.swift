import RecurrentCore

/// The accumulated gradient of a tensor during the backward pass.
///
/// The first contribution sets, later ones add. The gradient of a view (a slice, a reshaped tensor) is a view of its
/// parent's gradient.
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

  /// For a view of `parent`; `isWhole` if it covers every element.
  init(viewOf parent: GradientSlot, isWhole: Bool, map: @escaping (Region) throws -> Region) {
    source = .view(of: parent, isWhole: isWhole, map: map)
  }

  /// For a parameter, to whose gradient every contribution is added.
  init(parameter: Region) {
    source = .parameter(parameter)
  }

  /// The slot that owns the memory.
  var root: GradientSlot {
    if case .view(let parent, _, _) = source { parent.root } else { self }
  }

  /// The gradient so far, or nil without contributions.
  func current() throws -> Region? {
    switch source {
    case .own: region
    case .parameter(let region): region
    case .view(let parent, _, let map): try parent.current().map(map)
    }
  }

  /// The destination of the next contribution.
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

  /// Sets a gradient without contributions to 0, so that the write order does not matter.
  func prime(on tape: Tape) throws {
    guard try current() == nil else { return }
    try tape.backend.fill(output(on: tape).region, with: 0)
  }
}

extension Output {
  /// Another destination with the same mode.
  func at(_ region: Region) -> Output { adds ? .add(region) : .set(region) }
}
