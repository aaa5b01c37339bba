import RecurrentCore

/// The parameters of a model, or of a part of one that was moved as a whole, on a device.
struct PlacedParameters {
  let placement: Placement
  /// In the order of their addresses: adjacent parameters are neighbours in memory.
  let parameters: [NamedParameter]

  /// Whether none was moved since.
  var areThere: Bool { parameters.allSatisfy { $0.parameter.place?.placement === placement } }

  /// The gradients, adjacent ones joined; for sparse parameters, those of the rows that have one.
  var gradients: [Region] {
    ranges { $1.rows?.gradient.count ?? $2.count.aligned }.map { placement.gradients.columns($0) }
  }

  /// Sets all gradients to 0.
  func zeroGradients() throws {
    for range in ranges({ $1.rows == nil ? $2.count.aligned : 0 }) {
      try placement.backend.fill(placement.gradients.columns(range), with: 0)
    }
    for named in parameters { named.parameter.place?.rows?.clear() }
  }

  /// Clips the gradients by their global norm, which is written to `norm`; 0 without gradients.
  func clip(norm maximum: Float, into norm: Region) throws {
    let gradients = gradients
    guard !gradients.isEmpty else { return try placement.backend.fill(norm, with: 0) }
    try placement.backend.clipByNorm(ClipByNorm(gradients, maximum: maximum, norm: norm))
  }

  /// Clips each gradient element to `−limit ... limit`.
  func clip(value limit: Float) throws {
    for part in gradients { try placement.backend.clipByValue(ClipByValue(part, limit: limit)) }
  }

  /// The ranges of the first `count` elements of each parameter, adjacent ones joined.
  func ranges(_ count: (_ index: Int, Parameter.Place, Parameter) -> Int) -> [Range<Int>] {
    var ranges: [Range<Int>] = []
    for (index, named) in parameters.enumerated() {
      guard let place = named.parameter.place else { continue }
      let range = place.offset..<place.offset + count(index, place, named.parameter)
      if range.isEmpty { continue }
      if let last = ranges.last, last.upperBound == range.lowerBound {
        ranges[ranges.count - 1] = last.lowerBound..<range.upperBound
      } else {
        ranges.append(range)
      }
    }
    return ranges
  }
}

extension Module {
  /// The parameters on their device.
  /// - Throws: `RecurrentError.device` unless they were moved together.
  func placed() throws -> PlacedParameters {
    let parameters = namedParameters
    guard let placement = parameters.first?.parameter.place?.placement else { throw notPlaced() }
    let placed = PlacedParameters(
      placement: placement,
      parameters: parameters.sorted { $0.parameter.place?.offset ?? 0 < $1.parameter.place?.offset ?? 0 })
    guard placed.areThere else { throw notPlaced() }
    return placed
  }

  private func notPlaced() -> RecurrentError {
    RecurrentError(
      .device, "the model is not on a device as a whole", at: "\(Self.self)",
      remedy: "call move(to:) on the whole model, not on its parts")
  }
}
