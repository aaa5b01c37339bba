import RecurrentCPU
import RecurrentCheck
import RecurrentCore
import TestSupport
import Testing

@Suite struct EmbeddingTests {
  @Test(arguments: parityCases("embedding"), TestDevice.all)
  func parity(parityCase: ParityCase, device: TestDevice) throws {
    try expectParity(parityCase, on: device)
  }

  @Test func rowsOfNoColumns() throws {
    let backend = try CPUBackend(threads: 2)
    let (table, rows) = (try backend.allocate(rows: 3, columns: 0), try backend.allocate(rows: 5, columns: 0))
    let indices: [Int32] = [0, 2, 1, 0, -1]
    try backend.gather(Gather(table, backend.upload(indices), into: .set(rows)))
    let lists = Occurrences.of(indices)
    let occurrences = Occurrences(
      rows: try backend.upload(lists.rows), starts: try backend.upload(lists.starts),
      positions: try backend.upload(lists.positions), count: lists.rows.count)
    try backend.scatterAdd(ScatterAdd(rows, occurrences, into: table))
  }
}
