import RecurrentCore

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// In JSON the weights are the base-64 text of little-endian 32-bit floats: a third of the size of decimal numbers.
extension LinearForecast: Codable {
  private enum CodingKeys: String, CodingKey { case window, horizon, weights }

  /// Decodes a forecast.
  /// - Throws: `DecodingError`, also if the sizes are not positive, do not fit the weights, or a weight is not finite.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    let window = try values.decode(Int.self, forKey: .window)
    let horizon = try values.decode(Int.self, forKey: .horizon)
    let bytes = try values.decode(Data.self, forKey: .weights)
    let weights = bytes.withUnsafeBytes { bytes in
      stride(from: 0, to: bytes.count - bytes.count % 4, by: 4).map {
        Float(bitPattern: UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: $0, as: UInt32.self)))
      }
    }
    guard window > 0, horizon > 0, weights.allSatisfy(\.isFinite), bytes.count.isMultiple(of: 4),
      weights.count == (window - 1).saturatingTimes(horizon)
    else { throw DecodingError.dataCorruptedError(forKey: .weights, in: values, debugDescription: "wrong size") }
    self.init(window: window, horizon: horizon, weights: weights)
  }

  /// Encodes a forecast.
  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(window, forKey: .window)
    try values.encode(horizon, forKey: .horizon)
    try values.encode(
      Data(weights.flatMap { weight in (0..<4).map { UInt8(truncatingIfNeeded: weight.bitPattern >> (8 * $0)) } }),
      forKey: .weights)
  }
}
