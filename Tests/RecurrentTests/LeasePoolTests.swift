import Recurrent
import RecurrentReference
import Testing

@testable import RecurrentModel

@Suite struct LeasePoolTests {
  @Test func sizesAreAtMostAQuarterTooLarge() {
    var sizes: Set<Int> = []
    for count in 1...100_000 {
      let size = LeasePool.size(for: count)
      #expect(size >= count && size % 16 == 0 && size <= max(count + 16, count * 5 / 4 + 1))
      sizes.insert(size)
    }
    #expect(sizes.count < 64)
  }

  @Test func aStateThatIsCarriedTakesTwoPieces() throws {
    let counting = Counting(ReferenceBackend())
    let tape = Tape(Device(counting.backend))
    var state = try tape.full([3, 5], 1).detached()
    let allocations = counting.allocations
    for step in 0..<20 {
      tape.reset()
      state = try state.scaled(by: 1).detached()
      #expect(counting.allocations == allocations, "step \(step)")
    }
    #expect(try state.values() == [Float](repeating: 1, count: 15))
  }

  @Test func whatIsKeptIsBoundedByWhatIsLeased() throws {
    let tape = referenceTape()
    var held: [Tensor] = []
    var random = RandomSource(seed: 3)
    for step in 0..<3000 {
      tape.reset()
      let rows = 1 + random.integer(below: 500)
      held.append(try tape.full([rows, 20], Float(step)).detached())
      if held.count > 3 { held.removeFirst() }
      let (leased, kept) = tape.leases.counts
      #expect(kept <= max(leased, LeasePool.reserve) && leased <= 3 * 10_000 * 5 / 4 + 64)
    }
    #expect(try held.map { try $0.values()[0] } == [2997, 2998, 2999])
    // Many in one pass, of which none is held: a piece or two.
    let x = try tape.full([100], 1)
    let before = tape.leases.counts
    for _ in 0..<1000 { _ = try x.detached() }
    #expect(tape.leases.counts.kept <= before.kept + 3 * 128)
    // Large ones are given back.
    var large: [Tensor] = []
    for _ in 0..<4 { large.append(try tape.full([LeasePool.reserve / 2], 1).detached()) }
    large = []
    held = []
    #expect(tape.leases.counts.leased == 0 && tape.leases.counts.kept <= LeasePool.reserve)
  }
}
