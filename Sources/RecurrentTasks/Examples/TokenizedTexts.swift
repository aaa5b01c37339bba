import RecurrentData
import RecurrentCore
import RecurrentModel

/// A note that `--tokens words` splits texts that are already tokenized.
/// - Parameters:
///   - place: Their file.
///   - reason: Why that matters.
func noteOfTokenized(
  _ texts: some Sequence<String>, tokens: TokenKind, _ place: String, reason: String = ""
) -> [String] {
  guard tokens == .words else { return [] }
  let text = TokenizedText(texts)
  guard text.isTokenized else { return [] }
  let sign = text.hasUnknown ? "<unk> is in it" : "its punctuation marks are surrounded by blanks"
  return [
    "\(place) looks tokenized already (\(sign)), and --tokens words splits its tokens again\(reason). To keep its tokens, use "
      + "--tokens whitespace."
  ]
}
