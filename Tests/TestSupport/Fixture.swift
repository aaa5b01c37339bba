import RecurrentCore

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// Numbers that PyTorch computed; `Tests/Fixtures/README.md` says which.
public struct Fixture: Decodable, Sendable {
  /// A tensor, row-major.
  public struct Entry: Decodable, Sendable {
    /// The length of each axis.
    public let shape: [Int]
    /// The values.
    public let values: [Double]

    /// The values as Float.
    public var floats: [Float] { values.map { Float($0) } }
    /// The values as Int32.
    public var integers: [Int32] { values.map { Int32($0) } }
  }

  /// `lstm`, `gru`, `elman_tanh` or `elman_relu`.
  public let cell: String
  /// The number of layers.
  public let layers: Int
  /// T.
  public let steps: Int
  /// N.
  public let batch: Int
  /// H.
  public let hidden: Int
  /// D, of a single pass.
  public let inputs: Int?
  /// Whether there are two directions, of a single pass.
  public let bidirectional: Bool?
  /// Each row's length, where a single pass has them.
  public let lengths: [Int32]?
  /// The size of the vocabulary, of ten steps.
  public let vocabulary: Int?
  /// The size of the embedding, of ten steps.
  public let embedding: Int?
  /// Adam's learning rate, of ten steps.
  public let learningRate: Float?
  /// The largest norm of the gradients, of ten steps.
  public let clipNorm: Float?
  /// The tensors by key.
  public let tensors: [String: Entry]

  /// Reads `Tests/Fixtures/<name>.json`.
  public init(named name: String) throws {
    let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    let file = folder.appending(path: "Fixtures/\(name).json")
    self = try JSONDecoder().decode(Fixture.self, from: Data(contentsOf: file))
  }

  /// A tensor.
  /// - Throws: `RecurrentError.invalidData` if there is none of that key.
  public subscript(key: String) -> Entry {
    get throws {
      guard let entry = tensors[key] else {
        throw RecurrentError(.invalidData, "no tensor \(key)", at: "fixture", remedy: "see Tests/Fixtures/README.md")
      }
      return entry
    }
  }
}
