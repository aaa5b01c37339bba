import Foundation
import Recurrent
import TestSupport
import Testing

/// A folder whose weights PyTorch wrote: its names, its layouts, its logits.
@Suite struct PyTorchFolderTests {
  private static func folder(_ cell: String) -> String {
    URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "Fixtures/folder_\(cell)").path
  }

  @Test(arguments: TestDevice.all) func itGivesPyTorchsLogits(_ device: TestDevice) throws {
    try device.run { backend in
      for cell in ["lstm", "gru"] { try check(cell, on: Device(backend)) }
    }
  }

  private func check(_ cell: String, on device: Device) throws {
    let folder = Self.folder(cell)
    let model = try LanguageModel.load(fromFolder: folder, device: device)
    let file = try Safetensors(contentsOf: folder + "/run.safetensors")
    func tensor(_ name: String) throws -> SafetensorsTensor { try #require(file.tensors[name]) }
    let tape = Tape(device, mode: .evaluation)
    func state(_ name: String) throws -> Tensor { try tape.tensor(tensor(name).floats(), shape: tensor(name).shape) }
    let tokens = try tensor("tokens")
    let hasCell = model.rnn.kind.hasCellState
    let (logits, final) = try model(
      tape.tokens(tokens.integers(), steps: tokens.shape[0], batchSize: tokens.shape[1]),
      state: RecurrentState(h: state("h0"), c: hasCell ? state("c0") : nil))
    for (name, result) in [("logits", logits), ("hn", final.h)] + (final.c.map { [("cn", $0)] } ?? []) {
      #expect(try result.shape == tensor(name).shape)
      let difference = try zip(result.values(), tensor(name).floats()).map { Double(abs($0 - $1)) }
      // Written so that NaN fails.
      #expect(difference.allSatisfy { $0 <= 1e-5 }, "\(cell) \(name): \(difference.max() ?? 0)")
    }
  }
}
