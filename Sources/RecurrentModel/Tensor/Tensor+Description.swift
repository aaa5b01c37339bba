extension Tensor: CustomStringConvertible {
  /// The shape and the values, printed like NumPy and PyTorch; of more than 1,000 values the first and last three along
  /// each axis. Waits for the device. Says so if the values are no longer available.
  public var description: String {
    let title = "Tensor of shape \(shape)"
    guard isAlive else {
      return title + ", whose values are no longer available: it belongs to an earlier pass; use detached() to keep it"
    }
    return numbersText(title, shape: shape) { try values() }
  }
}

extension Parameter: CustomStringConvertible {
  /// The shape and the values, as for a tensor. Waits for the device.
  public var description: String { numbersText("Parameter of shape \(shape)", shape: shape) { try values() } }
}

extension HostTensor: CustomStringConvertible {
  /// The shape and the values, as for a tensor.
  public var description: String { numbersText("HostTensor of shape \(shape)", shape: shape) { values } }
}

extension Tokens: CustomStringConvertible {
  /// The shape, the integers, and the lengths if there are any.
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

/// A title and the values below it, or why they are not available.
private func text(_ title: String, _ numbers: () throws -> String) -> String {
  do {
    return try title + "\n" + numbers()
  } catch {
    return title + ", whose values cannot be read: \(error)"
  }
}
