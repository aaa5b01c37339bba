import RecurrentCore
import RecurrentModel

/// The layers of a Transformer in `config.json`.
package struct TransformerConfiguration: Codable, Hashable, Sendable {
  /// The number of heads of each attention.
  package var heads: Int
  /// The hidden units of the feed-forward networks.
  package var hidden: Int
  /// The number of layers of the encoder, and of the decoder.
  package var layers: Int
  /// The dropout probability.
  package var dropout: Float

  /// Layers.
  package init(heads: Int, hidden: Int, layers: Int, dropout: Float = 0) {
    (self.heads, self.hidden, self.layers, self.dropout) = (heads, hidden, layers, dropout)
  }

  /// The configuration of a network.
  init(of network: TransformerEncoderDecoder) {
    let layer = network.encoder.layers[0]
    self.init(
      heads: layer.attention.heads, hidden: layer.hidden, layers: network.encoder.layers.count, dropout: network.dropout
    )
  }

  /// The sizes by their keys, with their limits.
  var sizes: [(key: String, size: Int, limit: Int)] {
    [
      ("heads", heads, NetworkConfiguration.Limit.embedding), ("hidden", hidden, NetworkConfiguration.Limit.hidden),
      ("layers", layers, NetworkConfiguration.Limit.layers),
    ]
  }
}
