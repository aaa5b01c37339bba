import ArgumentParser
import RecurrentCore
import RecurrentData
import RecurrentModel

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// `recur evaluate` for translators.
package struct TranslateEvaluation: TaskEvaluation {
  @Option(help: .file("File of targets of --data, which then is a file of sources, one per line."))
  package var target: String?

  @OptionGroup package var table: TableOptions

  package init() {}

  package func evaluate(
    _ model: Translator, on path: String, batch: Int, makeTape: () throws -> Tape, say: (String) -> Void
  ) throws -> EvaluationReport {
    let pairs = try model.pairs(of: path, targets: target, table, say: say)
    let examples = try model.encoded(pairs)
    noteOfUnknown(examples.sources, in: model.source?.vocabulary, path).forEach(say)
    let tape = try makeTape()
    let meter = try LossMeter(tape.backend)
    try meter.measure(examples.batches(ofRows: batch), on: tape, shouldStop: { false }) { batch, _ in
      try model.loss(of: batch, on: tape)
    }
    let loss = try meter.mean(ifEmpty: .nan)
    return EvaluationReport(
      text: "loss \(loss.text(4)) nats per token, perplexity \(exp(loss).text(3))\n", json: ["loss": loss])
  }
}
