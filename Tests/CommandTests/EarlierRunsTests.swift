import Foundation
import Testing

/// Models and checkpoints of an earlier version (`Tests/Fixtures/earlier`): they are read, and their runs are resumed.
struct EarlierRunsTests {
  private struct Expected: Decodable {
    /// What `recur evaluate --json` printed.
    let evaluation: [String: Double]
    /// The losses and metrics of three epochs, of which the model has one.
    let epochs: [[String: Double]]
  }

  @Test(arguments: [("text", "text.txt"), ("classify", "texts.tsv"), ("tag", "tags.conll")])
  func areResumed(task: String, data: String) throws {
    let command = try Command()
    let fixture = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "Fixtures/earlier/\(task)")
    for (name, copy) in [(".", "model"), (data, data)] {
      try FileManager.default.copyItem(at: fixture.appending(path: name), to: URL(filePath: command.path(copy)))
    }
    let expected = try JSONDecoder().decode(Expected.self, from: command.bytes("model/expected.json"))
    let evaluated = try command.run("evaluate", "--model", "model", "--data", data, "--json")
    try compare(#require(evaluated.objects().first), expected.evaluation)

    let resumed = try command.run("train", task, "--model", "model", "--resume", "--epochs", "3", "--json")
    let epochs = try resumed.objects().filter { $0["event"] as? String == "epoch" }
    #expect(epochs.count == 2, "\(resumed.errors)")
    for (epoch, expected) in zip(epochs, expected.epochs.dropFirst()) { compare(epoch, expected) }
    // The next checkpoint has the options in today's form.
    #expect(try command.run("train", task, "--model", "model", "--resume", "--epochs", "4").code == 0)
    try command.run("train", task, "--model", "model", "--resume", "--hidden", "9")
      .expectFault("--hidden: cannot be changed when a run is resumed", code: 64)
  }

  private func compare(_ values: [String: Any], _ expected: [String: Double]) {
    for (name, expected) in expected {
      let value = values[name] as? Double ?? .nan
      #expect(abs(value - expected) <= 2e-5 * max(1, abs(expected)), "\(name): \(value), not \(expected)")
    }
  }
}
