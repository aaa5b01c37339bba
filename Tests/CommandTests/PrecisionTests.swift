import Foundation
import Testing

/// `--precision`, with plain C in the place of tensor cores.
struct PrecisionTests {
  private static let standIn = ["RECUR_TENSOR_CORES": "stand-in"]

  private func losses(_ command: Command, _ model: String) throws -> [Double] {
    try command.text(model + "/training/history.jsonl").split(separator: "\n").compactMap { line in
      let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
      return object?["validation_loss"] as? Double
    }
  }

  /// A run with rounded factors learns what one without them learns, to the bit in each run, and goes on where it stopped.
  @Test func trainingStaysNearFloat32() throws {
    let command = try Training.command()
    let arguments = { (model: String, more: [String]) in Training.arguments(model, "--device", "opencl") + more }
    for (model, more) in [
      ("float32", ["--epochs", "2"]), ("whole", ["--epochs", "2", "--precision", "tf32"]),
      ("model", ["--epochs", "1", "--precision", "tf32"]), ("coarse", ["--epochs", "2", "--precision", "bf16"]),
    ] {
      let result = try command.run(arguments(model, more), environment: Self.standIn)
      #expect(result.code == 0 && !result.errors.contains("computes in"), "\(model): \(result.errors)")
    }
    let exact = try losses(command, "float32")
    for (model, tolerance) in [("whole", 0.01), ("coarse", 0.05)] {
      let rounded = try losses(command, model)
      #expect(rounded.count == 2 && rounded != exact)
      for (loss, right) in zip(rounded, exact) { #expect(abs(loss - right) < tolerance, "\(model): \(loss), \(right)") }
    }

    let resume = Training.resume("model", "--epochs", "2", "--device", "opencl")
    let result = try command.run(resume + ["--precision", "tf32"], environment: Self.standIn)
    #expect(result.code == 0 && !result.errors.contains("last bits"), "\(result.errors)")
    try Training.expectUnbroken(command)
    let other = try command.run(
      Training.resume("whole", "--epochs", "3", "--device", "opencl"), environment: Self.standIn)
    #expect(other.code == 0 && other.errors.contains("tf32 stand-in") && other.errors.contains("last bits"))
  }

  @Test func aDeviceThatDoesNotRoundSaysSo() throws {
    let command = try Training.trained()
    let generate = ["generate", "--model", "model", "--length", "1", "--precision"]
    for device in ["cpu", "reference", "opencl"] {
      let result = try command.run(generate + ["tf32", "--device", device])
      #expect(result.code == 0)
      #expect(result.errors.contains("computes in float32, not in tf32: "), "\(result.errors)")
    }
    #expect(try command.run(generate + ["float32", "--device", "cpu"]).errors.isEmpty)
    for (arguments, code, parts) in [
      (generate + ["half"], 64, ["--precision: unknown value half; use float32, tf32 or bf16"]),
      (["devices", "--precision", "tf32"], 64, ["--precision"]),
      (["check", "--device", "cpu", "--precision", "tf32"], 1, ["cpu: does not support tf32 products"]),
    ] {
      let result = try command.run(arguments)
      #expect(result.code == code && result.output.isEmpty)
      for part in parts { #expect(result.errors.contains(part), "\(result.errors)") }
    }
    let wrong = try command.run(
      generate + ["tf32", "--device", "opencl"], environment: ["RECUR_TENSOR_CORES": "none"])
    #expect(wrong.code == 64 && wrong.errors.contains("RECUR_TENSOR_CORES"), "\(wrong.errors)")
  }

  @Test(arguments: ["tf32", "bf16"]) func productsAreChecked(precision: String) throws {
    let result = try Command().run(
      "check", "--device", "opencl", "--precision", precision, "--quick", environment: Self.standIn)
    #expect(result.code == 0 && result.output.contains("cases agree"), "\(result.errors)")
  }
}
