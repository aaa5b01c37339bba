import RecurrentCore

/// The numbers of classes, labels of texts or tags of words, by their names.
struct ClassNumbers {
  private let names: [String]
  private let numbers: [String: Int32]
  private let kind: String

  /// Numbers classes from 0; of a name that is there twice the first place counts.
  /// - Parameter kind: What a class is called in errors.
  init(_ names: [String], kind: String) {
    (self.names, self.kind) = (names, kind)
    numbers = Dictionary(zip(names, Int32(0)...), uniquingKeysWith: { first, _ in first })
  }

  /// The number of a class.
  /// - Parameter place: What an error names as the origin of the name.
  /// - Throws: `RecurrentError.invalidData` if there is no such class.
  func number(of name: String, from place: @autoclosure () -> String) throws -> Int32 {
    guard let number = numbers[name] else {
      throw RecurrentError(
        .invalidData, "has the \(kind) \(name.shown), which was not in the training data", at: place(),
        remedy: "take one of \(names.map(\.shown).listed)")
    }
    return number
  }
}
