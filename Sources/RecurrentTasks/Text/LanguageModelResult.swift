import RecurrentData
import RecurrentModel

#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// How well a language model predicts a text.
public struct LanguageModelResult: Sendable, Hashable {
  /// The mean cross-entropy in nats a token.
  public let loss: Double
  /// How long the text is.
  public let size: TextSize

  /// The result of a mean loss over a text of this size.
  package init(loss: Double, over size: TextSize) { (self.loss, self.size) = (loss, size) }

  /// e^loss. It compares only models that have the same tokens.
  public var perplexity: Double { exp(loss) }

  /// The cross-entropy in bits a Unicode scalar of the text: loss / ln 2 · tokens / characters. It does not depend on what a token
  /// is, so that models of characters and of words compare by it, where none of them has unknown tokens.
  public var bitsPerCharacter: Double { loss / log(2) * Double(size.tokens) / Double(size.characters) }

  /// The cross-entropy in bits a byte of the text in UTF-8: loss / ln 2 · tokens / bytes.
  public var bitsPerByte: Double { loss / log(2) * Double(size.tokens) / Double(size.bytes) }
}
