extension String {
  /// The lower case by Unicode's full mappings, with the special cases of all languages: Σ at the end of a word becomes
  /// ς (Unicode, 3.13, Final_Sigma). Python: `str.lower()`.
  ///
  /// All of Recur's lower case is this one: texts, tagged words, and the symbols that word vectors are looked up by.
  func inLowerCase() -> String {
    // The standard library has all mappings but this one, whose bytes are CE A3.
    guard utf8.contains(0xCE), unicodeScalars.contains("Σ") else { return lowercased() }
    var lowered = UnicodeScalarView()
    for place in unicodeScalars.indices {
      let scalar = unicodeScalars[place]
      if scalar == "Σ" {
        lowered.append(endsWord(at: place) ? "ς" : "σ")
      } else {
        lowered.append(contentsOf: scalar.properties.lowercaseMapping.unicodeScalars)
      }
    }
    return String(lowered)
  }

  /// Whether a cased letter precedes this index and none follows, ignoring characters without case.
  private func endsWord(at index: String.Index) -> Bool {
    let before = unicodeScalars[..<index].last { !$0.properties.isCaseIgnorable }
    let after = unicodeScalars[index...].dropFirst().first { !$0.properties.isCaseIgnorable }
    return before?.properties.isCased == true && after?.properties.isCased != true
  }
}
