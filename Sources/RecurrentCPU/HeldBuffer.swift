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

  /// The panels of products.
  private var panels: [Operand: (panels: UnsafePointer<Float>, workspace: Workspace)] = [:]
  /// The weights of forward passes.
  private var weights: [(sequence: CellSequence, weights: ForwardWeights, workspace: Workspace)] = []
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
    let packed = weights.first {
      $0.sequence.cell == sequence.cell && $0.sequence.input.isLookup == sequence.input.isLookup
        && $0.weights.fusesInput == (fuses && !sequence.input.isLookup)
        && $0.sequence.weights.areSame(as: sequence.weights)
    }
    if let packed { return packed.weights }
    let workspace = Workspace()
    let new = try pack(workspace)
    weights.append((sequence, new, workspace))
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
