import Kernels
import RecurrentCore

extension CPUBackend {
  /// Computes rows in parallel.
  package func crf(_ operation: ApplyCRF) throws {
    let (chains, losses) = (try Chains(operation.sequence), try Matrix(operation.losses))
    eachRow(chains.batch, chains.work) { row in
      var chain = chains.chain(row)
      losses.row(row).pointee = kernels.crf(&chain)
    }
  }

  /// Computes groups of rows in parallel, each with its own sums; the number of groups depends only on the number of
  /// rows.
  package func crfBackward(_ operation: ApplyCRFBackward) throws {
    let chains = try Chains(operation.sequence)
    let (tags, groups) = (chains.tagCount, min(chains.batch, 64))
    // Of each group: the sums of transitions, start and end, and what a row needs room for.
    let (sums, size) = (tags * (tags + 2), 2 * tags * (tags + 2))
    let memory = try workspace.floats(.partial, groups * size)
    let (upstream, dx) = (try Matrix(operation.upstream), try operation.dEmissions.map { try Matrix($0.region) })
    let adds = operation.dEmissions?.flag ?? 0
    let rows = (chains.batch + groups - 1) / groups
    pool.split(groups, grain: max(1, grain / max(rows * chains.work, 1))) { part in
      for group in part {
        let own = memory + group * size
        own.update(repeating: 0, count: sums)
        for row in chains.batch * group / groups..<chains.batch * (group + 1) / groups {
          var chain = chains.chain(row)
          kernels.crfBackward(
            &chain, upstream.row(row).pointee, own + sums, dx?.row(row), chains.batch * (dx?.stride ?? 0), adds, own)
          guard let dx, adds == 0 else { continue }
          for step in chain.length..<max(chains.steps, chain.length) {
            dx.row(step * chains.batch + row).update(repeating: 0, count: tags)
          }
        }
      }
    }
    let total = { (output: Output?, first: Int) in
      guard let output else { return }
      let out = try Matrix(output.region)
      self.eachRow(out.rows, groups * tags) { row in
        self.kernels.sumRows(
          memory + first + row * tags, size, CPURuns(groups), out.row(row), tags, 0, 1, output.flag)
      }
    }
    try total(operation.dTransitions, 0)
    try total(operation.dStart, tags * tags)
    try total(operation.dEnd, tags * (tags + 1))
  }
}

/// The operands of a CRF, in the form of the kernels.
private struct Chains {
  let batch: Int
  let steps: Int
  let tagCount: Int
  private let emissions, transitions, start, end, alphas: Matrix
  private let tags: Integers
  private let lengths: Integers?

  init(_ sequence: CRFSequence) throws {
    (batch, steps, tagCount) = (sequence.batch, sequence.steps, sequence.tagCount)
    (emissions, alphas) = (try Matrix(sequence.emissions), try Matrix(sequence.alphas))
    (start, end, transitions) = (
      try Matrix(sequence.start), try Matrix(sequence.end), try Matrix(sequence.transitions)
    )
    (tags, lengths) = (try Integers(sequence.tags), try sequence.lengths.map(Integers.init))
  }

  /// The number of values per row.
  var work: Int { steps * tagCount * tagCount }

  func chain(_ row: Int) -> CPUChain {
    CPUChain(
      length: lengths.map { Int($0[row]) } ?? steps, tagCount: tagCount, emissions: emissions.row(row),
      emissionsStride: batch * emissions.stride, tags: tags.data + row, tagsStride: batch,
      transitions: transitions.data, transitionsStride: transitions.stride, start: start.data, end: end.data,
      alphas: alphas.row(row), alphasStride: batch * alphas.stride)
  }
}
