/// Labels by label name: those of a model from 0, then names that are unknown to the model, in order of appearance.
package struct ClassNumbers {
  /// The label names that are unknown to the model.
  package private(set) var unseen: [String] = []
  private var numbers: [String: Int32]
  private let known: Int

  /// Numbers the label names of a model from 0; of a repeated name the first index is used.
  package init(_ names: [String]) {
    numbers = Dictionary(zip(names, Int32(0)...), uniquingKeysWith: { first, _ in first })
    known = names.count
  }

  /// The label of a label name.
  package mutating func number(of name: String) -> Int32 {
    if let number = numbers[name] { return number }
    let number = Int32(known + unseen.count)
    numbers[name] = number
    unseen.append(name)
    return number
  }
}

extension [Int32] {
  /// The labels below `classes`; −1, which is ignored, for the others.
  package func known(below classes: Int) -> [Int32] { map { Int($0) < classes ? $0 : -1 } }
}
