import ArgumentParser
import RecurrentData
import RecurrentModel

/// The batches of a gradient flow.
enum FlowSample {
  static let rows = 16
  static let batches = 4

  /// Batches of some of the examples, sorted by length.
  static func batches<Examples: EncodedExamples>(of examples: Examples) throws -> [Examples.Batch] {
    try LengthBuckets(lengths: examples.lengths, batch: rows).batches(epoch: 0).prefix(batches).map(examples.batch)
  }
}

/// The loss to differentiate, of models with a loss at every step.
package struct FlowLossOptions: ParsableArguments {
  @Option(help: "Loss to differentiate: of the last step, or the mean over all steps.")
  package var loss = GradientFlow.Loss.last

  package init() {}
}

extension GradientFlow.Loss: ExpressibleByArgument {}
