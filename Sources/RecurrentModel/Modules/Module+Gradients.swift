// Gradients for custom training loops. `Trainer` does the same without waiting for the device.

extension Module {
  /// Sets all gradients to 0. Call it before each step, as gradients accumulate. The model may be a part of one that
  /// was moved as a whole.
  /// - Throws: `RecurrentError.device` if it is not on a device.
  public func zeroGradients() throws { try placed().zeroGradients() }

  /// Scales all gradients by `min(1, maximum / (norm + 10⁻⁶))`, as PyTorch's `clip_grad_norm_`.
  ///
  /// Waits for the device to return the norm. If the norm is not finite, the gradients stay unscaled.
  /// - Parameter maximum: The largest global norm that is not scaled, above 0.
  /// - Returns: The norm before clipping.
  /// - Throws: `RecurrentError.invalidArgument` if the maximum is not positive; `.device` if the model is not on a
  ///   device.
  @discardableResult
  public func clipGradients(norm maximum: Float) throws -> Float {
    let placed = try placed()
    let norm = try placed.placement.norm()
    try placed.clip(norm: maximum, into: norm)
    return try placed.placement.backend.download(norm)[0]
  }

  /// Clips each gradient element to `−limit ... limit`, as PyTorch's `clip_grad_value_`. Does not wait for the device.
  /// - Throws: `RecurrentError.invalidArgument` if the limit is not positive; `.device` if the model is not on a
  ///   device.
  public func clipGradients(value limit: Float) throws {
    try placed().clip(value: limit)
  }

  /// The global norm of all gradients. Waits for the device.
  /// - Throws: `RecurrentError.device` if the model is not on a device.
  public func gradientNorm() throws -> Float { try clipGradients(norm: .infinity) }
}
