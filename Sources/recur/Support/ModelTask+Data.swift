import Recurrent

extension ModelTask {
  /// Refuses what is said of data that models of this task do not read.
  /// - Parameter sequence: The steps of a text that are read at once, where they were given.
  /// - Throws: `RecurrentError.invalidArgument` that names the option.
  func check(
    _ texts: TextFormatOptions, _ sentences: TaggedFormatOptions, _ table: TableOptions, sequence: Int?
  ) throws {
    switch self {
    case .languageModel:
      try table.refuse("a language model reads a text, which has no columns")
      try texts.refuse("a language model reads a text, which has no columns or labels")
      try sentences.refuse("a language model reads a text, which has no columns or tags")
    case .classification:
      try sentences.refuse("it is for a model that tags words")
      try requireUse(
        sequence == nil, "--sequence", "a model that classifies reads whole texts", remedy: "leave it out")
    case .tagging:
      try texts.refuse("it is for a model that classifies texts")
      try requireUse(
        sequence == nil, "--sequence", "a model that tags reads whole sentences", remedy: "leave it out")
    }
  }
}
