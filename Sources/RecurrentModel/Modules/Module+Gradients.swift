// Gradients of a loop of one's own. `Trainer` does the same without waiting for the device.

extension Module {
  /// Sets all gradients to 0: before each step, as gradients add. The model may be a part of one that was moved as a whole.
  /// - Throws: `RecurrentError.device` if it lies on no device.
  public func zeroGradients() throws { try placed().zeroGradients() }

  /// Scales all gradients by `min(1, maximum / (norm + 10⁻⁶))`, as PyTorch's `clip_grad_norm_`.
  ///
  /// Waits for the device, for the norm. A norm that is not finite leaves the gradients as they are.
  /// - Parameter maximum: The largest norm of all gradients together that stays, more than 0.
  /// - Returns: The norm before clipping.
  /// - Throws: `RecurrentError.invalidArgument` if the maximum is not positive, `.device` if the model lies on no device.
  @discardableResult
  public func clipGradients(norm maximum: Float) throws -> Float {
    let placed = try placed()
    let norm = try placed.placement.norm()
    try placed.clip(norm: maximum, into: norm)
    return try placed.placement.backend.download(norm)[0]
  }

  /// Cuts each gradient to `−limit ... limit`, as PyTorch's `clip_grad_value_`. Does not wait for the device.
  /// - Throws: `RecurrentError.invalidArgument` if the limit is not positive, `.device` if the model lies on no device.
  public func clipGradients(value limit: Float) throws {
    try placed().clip(value: limit)
  }

  /// The norm of all gradients together. Waits for the device.
  /// - Throws: `RecurrentError.device` if the model lies on no device.
  public func gradientNorm() throws -> Float { try clipGradients(norm: .infinity) }
}
