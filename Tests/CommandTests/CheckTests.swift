import Recurrent
import RecurrentCheck
import RecurrentReference
import Testing

@testable import recur

/// The table of `recur check`.
struct CheckTests {
  @Test func devicesStandSideBySide() throws {
    let command = try Command()
    let result = try command.run("check", "--quick", "--only", "matmul", "--device", "all")
    #expect(result.code == 0, "\(result.errors)")
    let table = result.output.split(separator: "\n").suffix(3).map { $0.split(separator: " ") }
    #expect(table[0].starts(with: ["cpu", "opencl:0:0"]))
    #expect(table[1].first == "matmul" && table[2].first == "all")
    #expect(table[1].dropFirst() == table[2].dropFirst())
  }

  @Test func failuresAreSeen() throws {
    var table = CheckTable()
    var (good, bad) = (ReferenceBackend().device, ReferenceBackend().device)
    (good.identifier, bad.identifier) = ("good", "bad")
    for error in [1e-13, 5e-13] { table.add(result(error), of: "lstm", on: good) }
    for error in [1e-13, .nan] { table.add(result(error), of: "lstm", on: bad) }
    table.add(result(0), of: "matmul", on: good)
    table.add(nil, of: "matmul", on: bad)
    let rows = table.text.split(separator: "\n").map { $0.split(separator: " ").joined(separator: " ") }
    #expect(
      rows == [
        "good bad", "lstm 2/2 50 % 1/2 wrong", "matmul 1/1 < 1 % 0/1 –", "all 3/3 50 % 1/3 wrong",
      ])
  }

  private func result(_ error: Double) -> ParityResult {
    ParityResult(name: "", error: error, tolerance: 1e-12, detail: "")
  }
}
