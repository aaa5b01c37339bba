import ArgumentParser
import RecurrentCore
import RecurrentData
import RecurrentModel

/// The input encoding of models of tokens.
package struct TokenOptions: ParsableArguments {
  private static let defaultEmbedding = 128

  @Option(help: "Input encoding of a token: an embedding, one-hot, or its index as one value.")
  package var input = NetworkConfiguration.Input.embedding

  @Option(
    "Embedding size of a token, with --input embedding. (default: \(defaultEmbedding))",
    .range(1...NetworkConfiguration.Limit.embedding))
  package var embedding: Int?

  @Flag(
    help: """
      Sparse embedding gradients: a step updates only the vectors of tokens that occur in it, like PyTorch's SparseAdam; with \
      adam, adagrad or sgd.
      """)
  package var sparseEmbedding = false

  package init() {}

  /// The encoding and the layers in `config.json`.
  package func configuration(with layers: RecurrentConfiguration) -> NetworkConfiguration {
    NetworkConfiguration(input: input, embedding: embedding ?? Self.defaultEmbedding, recurrent: layers)
  }

  /// Sets the default of the embedding size, which only some models have.
  mutating func resolveDefaults() {
    if input == .embedding { embedding = embedding ?? Self.defaultEmbedding }
  }

  /// - Throws: `RecurrentError.invalidArgument` if an option was given that does nothing, or that the optimizer does not support.
  func check(with training: TrainingOptions<some CellChoice>) throws {
    for (option, value) in [("--momentum", Double(training.momentum)), ("--weight-decay", training.weightDecay ?? 0)] {
      try requireUse(
        !sparseEmbedding || value == 0, option, "it would change every vector of a sparse embedding",
        remedy: "leave it out, or leave out --sparse-embedding")
    }
    try requireUse(
      !sparseEmbedding || training.average == .none, "--average", "it would read every vector of a sparse embedding",
      remedy: "use --average 0, or leave out --sparse-embedding")
    for (option, isGiven) in [("--embedding", embedding != nil), ("--sparse-embedding", sparseEmbedding)] {
      try requireUse(
        !isGiven || input == .embedding, option, "--input \(input.rawValue) has no embedding",
        remedy: "use --input embedding, or leave it out")
    }
    let optimizer = training.optimizer
    try requireUse(
      !sparseEmbedding || optimizer.takesSparse, "--sparse-embedding", "\(optimizer.rawValue) changes every vector",
      remedy: "use --optimizer adam, adagrad or sgd, or leave it out")
  }
}

/// The options of a task with models of tokens.
package protocol TokenTaskOptions: TaskOptions {
  var tokens: TokenOptions { get set }
}

extension TokenTaskOptions {
  package mutating func resolveDefaults() {
    network.resolveDefaults()
    tokens.resolveDefaults()
  }

  /// The encoding and the layers in `config.json`.
  func networkConfiguration(bidirectional: Bool = false) -> NetworkConfiguration {
    tokens.configuration(with: network.configuration(bidirectional: bidirectional))
  }
}

extension NetworkConfiguration.Input: ExpressibleByArgument {}
extension TokenKind: ExpressibleByArgument {}
