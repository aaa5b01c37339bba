import RecurrentCore

#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Several decoders as one: the probability of a token, and the weights of attention, are the means of theirs.
package struct Ensemble<Model: DecodedModel>: DecodedModel {
  private var models: [Model]

  /// An ensemble of decoders of the same sources and target tokens.
  /// - Throws: `RecurrentError.shapeMismatch` if they differ in tokens or sources, or there is none.
  package init(_ models: [Model]) throws {
    guard let first = models.first,
      models.allSatisfy({ $0.tokenCount == first.tokenCount && $0.sourceLengths == first.sourceLengths })
    else {
      throw RecurrentError(
        .shapeMismatch, "the models of an ensemble differ in their tokens or sources", at: "Ensemble",
        remedy: "use models of the same vocabularies")
    }
    self.models = models
  }

  package var tokenCount: Int { models[0].tokenCount }
  package var sourceLengths: [Int] { models[0].sourceLengths }

  package mutating func step(tokens: [Int32], parents: [Int32], kept: [Int32]?) throws -> DecoderStep {
    var steps: [DecoderStep] = []
    for index in models.indices {
      steps.append(try models[index].step(tokens: tokens, parents: parents, kept: kept))
    }
    guard steps.count > 1 else { return steps[0] }
    let all = steps.map(\.logProbabilities)
    let values = all[0].indices.map { index in
      let own = all.map { $0[index] }
      let largest = own.max() ?? 0
      // NaN and infinities pass.
      guard largest.isFinite else { return largest }
      return largest + logf(own.reduce(0) { $0 + expf($1 - largest) } / Float(own.count))
    }
    let attention = steps.compactMap(\.attention)
    return DecoderStep(
      logProbabilities: values,
      attention: attention.count < steps.count ? nil : Self.mean(attention, rows: tokens.count))
  }

  /// The mean of weights `[rows, steps]`, whose steps may differ past the valid ones.
  private static func mean(_ weights: [[Float]], rows: Int) -> [Float] {
    let steps = weights.map { $0.count / rows }
    return (0..<rows * (steps.min() ?? 0)).map { index in
      let (row, step) = index.quotientAndRemainder(dividingBy: steps.min() ?? 1)
      return zip(weights, steps).reduce(0) { $0 + $1.0[row * $1.1 + step] } / Float(weights.count)
    }
  }
}
