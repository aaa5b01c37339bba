import RecurrentData
import RecurrentModel

#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// The result of an evaluation of a language model.
public struct LanguageModelResult: Sendable, Hashable {
  /// The mean cross-entropy in nats per token.
  public let loss: Double
  /// The size of the text.
  public let size: TextSize

  /// The result of a mean loss over a text of this size.
  package init(loss: Double, over size: TextSize) { (self.loss, self.size) = (loss, size) }

  /// The perplexity, e^loss. Comparable only between models with the same tokens.
  public var perplexity: Double { exp(loss) }

  /// The cross-entropy in bits per Unicode scalar of the text: loss / ln 2 · tokens / characters. It does not depend on
  /// the tokens, so it is comparable between models of characters and of words without unknown tokens.
  public var bitsPerCharacter: Double { loss / log(2) * Double(size.tokens) / Double(size.characters) }

  /// The cross-entropy in bits per byte of the UTF-8 text: loss / ln 2 · tokens / bytes.
  public var bitsPerByte: Double { loss / log(2) * Double(size.tokens) / Double(size.bytes) }
}
