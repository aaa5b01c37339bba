import ArgumentParser
import RecurrentModel

/// The data of a gradient flow: a few batches.
enum FlowSample {
  static let rows = 16
  static let batches = 4

  /// Some of the examples, those of similar length beside each other.
  static func batches<Examples: EncodedExamples>(of examples: Examples) throws -> [Examples.Batch] {
    try LengthBuckets(lengths: examples.lengths, batch: rows).batches(epoch: 0).prefix(batches).map(examples.batch)
  }
}

/// Whose gradient is measured, of models that have a loss at every step.
package struct FlowLossOptions: ParsableArguments {
  @Option(help: "Loss to differentiate: of the last step, or the mean over all steps.")
  package var loss = GradientFlow.Loss.last

  package init() {}
}

extension GradientFlow.Loss: ExpressibleByArgument {}
