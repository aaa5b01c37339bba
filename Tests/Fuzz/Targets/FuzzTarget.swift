import Recurrent
import RecurrentCore
import RecurrentModel
import RecurrentOpenCL
import RecurrentTasks

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// A reader of files, to be fed with any bytes. `make fuzz` makes them up; a test feeds the seeds, and what was found.
package enum FuzzTarget: String, CaseIterable, Sendable {
  case safetensors, checkpoint, resume, configuration, vocabulary, history, options
  case characters, words, table, series, tagged, vectors, gzip, cache

  /// What a reader gets wrong.
  package struct Finding: Error, CustomStringConvertible {
    package let description: String
  }

  /// Reads the bytes, and checks what was read. Bytes that are refused as they should be are no fault.
  /// - Throws: A `Finding`, or an error that is no `RecurrentError`: no reader may throw it. A trap is a finding, too.
  package func run(_ bytes: [UInt8]) throws {
    try Self.attempt {
      switch self {
      case .safetensors: try Self.safetensors(bytes)
      case .checkpoint: try Self.checkpoint(bytes)
      case .resume: try Self.resume(bytes)
      case .configuration: for task in tasks { try Self.configuration(of: task, bytes) }
      case .vocabulary: try Self.vocabulary(bytes)
      case .history: try Self.history(bytes)
      case .options: try Self.options(bytes)
      case .characters: try Self.characters(bytes)
      case .words: try Self.words(bytes)
      case .table: try Self.table(bytes)
      case .series: try Self.series(bytes)
      case .tagged: try Self.tagged(bytes)
      case .vectors: try Self.vectors(bytes)
      case .gzip: try Self.gzip(bytes)
      case .cache: try Self.cache(bytes)
      }
    }
  }

  static func attempt(_ body: () throws -> Void) throws {
    do { try body() } catch is RecurrentError {}
  }

  static func expect(_ condition: Bool, _ what: String) throws {
    guard condition else { throw Finding(description: what) }
  }

  // MARK: Tensors

  /// What is read and written again is the same.
  private static func safetensors(_ bytes: [UInt8]) throws {
    let file = try Safetensors(parsing: bytes)
    for tensor in file.tensors.values {
      try attempt { try expect(tensor.floats().count == tensor.count, "another number of floats") }
      try attempt { try expect(tensor.integers().count == tensor.count, "another number of integers") }
    }
    try expect(Safetensors(parsing: file.serialized()) == file, "a round trip changes a file of tensors")
  }

  private static func checkpoint(_ bytes: [UInt8]) throws {
    let written = try Checkpoint(Safetensors(parsing: bytes)).safetensors().serialized()
    // Compared as bytes: a NaN is not equal to itself.
    let again = try Checkpoint(Safetensors(parsing: written)).safetensors().serialized()
    try expect(again == written, "a round trip changes a checkpoint")
  }

  // MARK: JSON

  private static func vocabulary(_ bytes: [UInt8]) throws {
    let vocabulary: Vocabulary = try JSON.decode(from: bytes)
    let again: Vocabulary = try JSON.decode(from: [UInt8](JSONEncoder().encode(vocabulary)))
    try expect(again == vocabulary, "a round trip changes a vocabulary")
    _ = vocabulary.decode([.min, -1, 0, Int32(vocabulary.count), .max])
    let text = vocabulary.symbols.joined()
    let numbers = try vocabulary.encode(text)
    guard vocabulary.kind == .characters, vocabulary.unknown == nil else { return }
    try expect(vocabulary.decode(numbers).utf8.elementsEqual(text.utf8), "characters do not come back")
  }

  private static func history(_ bytes: [UInt8]) throws {
    let once = TrainingFolder.history(bytes, upTo: 3)
    try expect(TrainingFolder.history(once, upTo: 3) == once, "a history that is cut is cut again")
  }

  // MARK: Texts

  private static func options(_ bytes: [UInt8]) throws {
    let entries = try FlatYAML(Files.text(of: bytes, from: "options"), from: "options").entries
    try expect(entries.allSatisfy { !$0.name.isEmpty && !$0.name.contains("_") }, "a name that is none")
  }

  private static func characters(_ bytes: [UInt8]) throws {
    let text = try Files.text(of: bytes, from: "text")
    let data = try TextDataset(text, tokens: .characters)
    try expect(data.vocabulary.decode(data.tokens).utf8.elementsEqual(text.utf8), "characters do not come back")
    try batches(data)
  }

  private static func words(_ bytes: [UInt8]) throws {
    let data = try TextDataset(Files.text(of: bytes, from: "text"), tokens: .words)
    let written = data.vocabulary.decode(data.tokens)
    try expect(data.vocabulary.encode(written) == Array(data.tokens), "words do not come back")
    try batches(data)
  }

  /// Every target is the token after its input.
  private static func batches(_ data: TextDataset) throws {
    let training = try data.split(validationFraction: 0.25).training
    for batch in try training.streams(batchSize: 2, steps: 3) {
      try expect(batch.inputs.dropFirst(2).elementsEqual(batch.targets.dropLast(2)), "targets of other tokens")
    }
  }

  // MARK: Caches

  private static func cache(_ bytes: [UInt8]) throws {
    for key in ["", "tuning"] {
      guard let binary = ProgramCache.binary(in: bytes, key: key) else { continue }
      try expect(ProgramCache.file(binary, key: key) == bytes, "a round trip changes a cached program")
      _ = Tuning(json: binary)
    }
  }
}
