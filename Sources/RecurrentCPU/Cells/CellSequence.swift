import Kernels
import RecurrentCore

/// The division of a sequence among threads.
enum Sharing {
  /// Each thread owns rows of the batch, without synchronization.
  case rows
  /// Each thread owns hidden units; all synchronize after every step.
  case units
}

extension CPUBackend {
  /// The maximum size of weights that fit the second-level cache beside the states, and are read by every thread.
  static let sharedWeights = 1 << 20

  /// Rows if all of U fits the cache of every thread, or if a step is too small for synchronization. A single step
  /// reads U once: each thread then computes the units whose weights it packs.
  func sharing(_ sequence: CellSequence) -> Sharing {
    let cell = sequence.cell
    let weights = cell.gateRows * cell.hiddenSize
    let rowsServe = sequence.batch >= 2 * pool.count && sequence.steps > 1
    let unitsServe = sequence.batch * weights > 200_000
    return (weights * 4 <= Self.sharedWeights && rowsServe) || !unitsServe ? .rows : .units
  }

  /// Packs W or U, or its transpose, into the panels of a step's kernel over H units; with 1 gate, those of `cpuPanel`.
  func pack(
    _ use: Workspace.Use, of workspace: Workspace, _ weights: CPUMatrix, depth: Int, hidden: Int, gates: Int
  ) throws -> UnsafePointer<Float> {
    let width = kernels.width
    let panels = (0..<panelCount(hidden, gates: gates)).map { cpuCellPanel(hidden, width, gates, $0) }
    let packed = try workspace.floats(use, panels.reduce(0) { $0 + $1.vectors } * width * depth)
    shared(panels.count, isWorthIt: panels.count * width * depth > grain) { part in
      for panel in panels[part] {
        kernels.pack(
          packed + panel.offset * depth, weights.moved(rows: 0, columns: panel.first), CPURuns(depth), panel.columns,
          panel.vectors, gates > 1 ? hidden * weights.columnStride : 0)
      }
    }
    return UnsafePointer(packed)
  }

  /// Whether several threads that own rows are faster: their results are adjacent in memory, which is slow if their
  /// cores share no cache.
  func isShared(_ sequence: CellSequence) -> Bool {
    let work = sequence.batch * sequence.cell.gateRows * sequence.cell.hiddenSize
    return work * sequence.steps > 200_000 && (work > 200_000 || !pool.isFarApart)
  }

  /// Runs the kernels of every step in order: for each step its phases. A step is identified by its index in that
  /// order.
  func runSteps(
    _ sequence: CellSequence, phases: Int,
    _ body: (_ phase: Int, _ place: Int, _ rows: Range<Int>, _ panels: Range<Int>?) -> Void, panels: (Int) -> Int
  ) {
    switch sharing(sequence) {
    case .rows:
      pool.split(sequence.batch, grain: isShared(sequence) ? 1 : sequence.batch, partsPerThread: 1) { rows in
        for place in 0..<sequence.steps {
          for phase in 0..<phases { body(phase, place, rows, nil) }
        }
      }
    case .units:
      for place in 0..<sequence.steps {
        for phase in 0..<phases {
          splitPanels(panels(phase), rows: sequence.batch) { body(phase, place, $0, $1) }
        }
      }
    }
  }

  /// Divides panels among threads, and groups of rows if the panels do not divide evenly.
  private func splitPanels(_ panels: Int, rows: Int, _ body: (_ rows: Range<Int>, _ panels: Range<Int>) -> Void) {
    let groups = panels % pool.count == 0 ? 1 : max(1, min(rows / 4, 4))
    pool.split(panels * groups, partsPerThread: 1) { items in
      var item = items.lowerBound
      while item < items.upperBound {
        let (panel, group) = (item / groups, item % groups)
        let whole = group == 0 ? (items.upperBound - item) / groups : 0
        if whole > 0 {
          body(0..<rows, panel..<panel + whole)
          item += whole * groups
        } else {
          let end = min(items.upperBound - panel * groups, groups)
          body(rows * group / groups..<rows * end / groups, panel..<panel + 1)
          item = panel * groups + end
        }
      }
    }
  }
}
