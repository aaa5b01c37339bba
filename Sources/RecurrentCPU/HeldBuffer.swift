import Kernels
import RecurrentCore

/// The packed copies of right operands that lie in a buffer whose content does not change.
final class HeldBuffer {
  /// A right operand in the buffer.
  struct Operand: Hashable {
    let offset: Int
    let rows: Int
    let columns: Int
    let stride: Int
    let isTransposed: Bool

    init(_ region: Region, isTransposed: Bool) {
      (offset, rows, columns, stride) = (region.offset, region.rows, region.columns, region.stride)
      self.isTransposed = isTransposed
    }
  }

  /// The weights of a cell, and how its input is given.
  private struct CellKey {
    let cell: CellDescriptor
    let weights: CellWeights
    let isLookup: Bool
  }

  /// The panels of products.
  private var panels: [Operand: (panels: UnsafePointer<Float>, workspace: Workspace)] = [:]
  /// The weights of forward passes.
  private var weights: [(key: CellKey, weights: ForwardWeights, workspace: Workspace)] = []
  /// Keeps the buffer, so that no other one has its identity.
  private let buffer: any Buffer

  init(_ buffer: any Buffer) { self.buffer = buffer }

  /// The panels of an operand, packed by the first call.
  func panels(
    of operand: Operand, pack: (Workspace) throws -> UnsafePointer<Float>
  ) rethrows -> UnsafePointer<Float> {
    if let packed = panels[operand] { return packed.panels }
    let workspace = Workspace()
    let packed = try pack(workspace)
    panels[operand] = (packed, workspace)
    return packed
  }

  /// The weights of a forward pass, packed by the first call.
  /// - Parameter fuses: Whether the steps include the input product.
  func weights(
    of sequence: CellSequence, fuses: Bool, pack: (Workspace) throws -> ForwardWeights
  ) rethrows -> ForwardWeights {
    let isLookup = sequence.input.isLookup
    let packed = weights.first {
      $0.key.cell == sequence.cell && $0.key.isLookup == isLookup && $0.weights.fusesInput == (fuses && !isLookup)
        && $0.key.weights.areSame(as: sequence.weights)
    }
    if let packed { return packed.weights }
    let workspace = Workspace()
    let new = try pack(workspace)
    weights.append((CellKey(cell: sequence.cell, weights: sequence.weights, isLookup: isLookup), new, workspace))
    return new
  }
}

extension CPUBackend {
  /// Keeps the packed copies of products' right operands and of forward passes' weights.
  package func hold(_ buffer: any Buffer) -> AnyObject? {
    if let there = heldBuffer(buffer) { return there }
    held = held.filter { $0.value.buffer != nil }
    let new = HeldBuffer(buffer)
    held[ObjectIdentifier(buffer)] = WeakHeldBuffer(buffer: new)
    return new
  }

  /// The packed copies of a buffer; nil if it is not held.
  func heldBuffer(_ buffer: any Buffer) -> HeldBuffer? {
    held.isEmpty ? nil : held[ObjectIdentifier(buffer)]?.buffer
  }
}

struct WeakHeldBuffer {
  weak var buffer: HeldBuffer?
}
