/// A backend with persistent launches: one launch of a cell for all steps, whose work-groups synchronize after each.
package protocol PersistentBackend: Backend {
  /// Whether its barrier of all work-groups of a launch works.
  var hasBarrier: Bool { get }
  /// Whether cells use persistent launches where U fits.
  var usesPersistentLaunches: Bool { get }
  /// The number of grids whose work-groups did not all start.
  var failedStarts: Int { get }
  /// Whether shapes of tests must be small: a processor in the place of a GPU.
  var isProcessor: Bool { get }

  /// Prepares launches of the largest grid with `rounds` barriers.
  /// - Parameter exchanges: Whether each work-item writes values before a barrier, and reads those of others after it.
  func prepareBarriers(rounds: Int, exchanges: Bool) throws -> BarrierTrial

  /// Runs `body` with persistent launches, or with one launch per step.
  func run(persistent: Bool, _ body: () throws -> Void) throws
}

/// Prepared launches of barriers.
package struct BarrierTrial {
  /// Enqueues one launch.
  package let run: () throws -> Void
  /// Waits for the last launch and describes what is wrong; nil if nothing is.
  package let fault: () throws -> String?

  package init(run: @escaping () throws -> Void, fault: @escaping () throws -> String?) {
    (self.run, self.fault) = (run, fault)
  }
}
