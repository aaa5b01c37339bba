/// The numbers of classes, labels of texts or tags of words, by their names: those of a model from 0, and behind them those that
/// the model does not have, in the order in which they come.
package struct ClassNumbers {
  /// The classes that the model does not have.
  package private(set) var unseen: [String] = []
  private var numbers: [String: Int32]
  private let known: Int

  /// Numbers the model's classes from 0; of a name that is there twice the first place counts.
  package init(_ names: [String]) {
    numbers = Dictionary(zip(names, Int32(0)...), uniquingKeysWith: { first, _ in first })
    known = names.count
  }

  /// The number of a class.
  package mutating func number(of name: String) -> Int32 {
    if let number = numbers[name] { return number }
    let number = Int32(known + unseen.count)
    numbers[name] = number
    unseen.append(name)
    return number
  }
}

extension [Int32] {
  /// The classes that a model of so many can be trained on or measured by; −1 for the others, which counts nothing.
  package func known(below classes: Int) -> [Int32] { map { Int($0) < classes ? $0 : -1 } }
}
