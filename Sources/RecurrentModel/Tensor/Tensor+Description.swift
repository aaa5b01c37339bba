extension Tensor: CustomStringConvertible {
  /// The shape and the numbers, as NumPy and PyTorch print them; of more than 1,000 the first and last three along each axis.
  /// Waits for the device. Where the numbers are no longer there, it says so.
  public var description: String {
    let title = "Tensor of shape \(shape)"
    guard isAlive else {
      return title + ", whose values are no longer there: it belongs to an earlier pass; keep one with detached()"
    }
    return numbersText(title, shape: shape) { try values() }
  }
}

extension Parameter: CustomStringConvertible {
  /// The shape and the numbers, as those of a tensor. Waits for the device that it lies on.
  public var description: String { numbersText("Parameter of shape \(shape)", shape: shape) { try values() } }
}

extension HostTensor: CustomStringConvertible {
  /// The shape and the numbers, as those of a tensor.
  public var description: String { numbersText("HostTensor of shape \(shape)", shape: shape) { values } }
}

extension Tokens: CustomStringConvertible {
  /// The shape and the integers; and the lengths, where rows have some.
  public var description: String {
    text("Tokens of shape \(shape)") { NestedText.of(try values(), shape: shape) }
      + (lengths.map { "\nlengths \($0.values)" } ?? "")
  }
}

extension Lengths: CustomStringConvertible {
  /// The lengths.
  public var description: String { "Lengths \(values)" }
}

private func numbersText(_ title: String, shape: [Int], _ values: () throws -> [Float]) -> String {
  text(title) { NestedText.of(try values(), shape: shape) }
}

/// A title and numbers below it, or why there are none.
private func text(_ title: String, _ numbers: () throws -> String) -> String {
  do {
    return try title + "\n" + numbers()
  } catch {
    return title + ", whose values cannot be read: \(error)"
  }
}
