import Recurrent
import RecurrentTasks

/// The table of `--out-of-fold`: each example predicted by the model that was not trained on it, in the order of the
/// data, like scikit-learn's `cross_val_predict`.
struct OutOfFold {
  /// The row of an example; without tokens it has no prediction.
  private struct Row {
    let number: Int, fold: Int, label: String, prediction: LabelPrediction?
  }

  private let path: String
  private let isCSV: Bool
  private var rows: [Row] = []

  /// - Parameters:
  ///   - inputs: Files that the run reads.
  ///   - labels: The possible labels.
  /// - Throws: `RecurrentError` if the table could not be written there, before anything is trained.
  init(_ path: String, inputs: [String], labels: Set<String>) throws {
    try requireUse(
      !inputs.contains { Files.areSame($0, path) }, "--out-of-fold", "the run reads \(path)",
      remedy: "name another file")
    try Files.requireOutput(path)
    (self.path, isCSV) = (path, path.hasExtension("csv"))
    for label in labels { _ = try field(label) }
  }

  /// Adds a fold, and writes the table, so that a stopped run keeps the completed folds.
  /// - Parameters:
  ///   - fold: Its number, from 1.
  ///   - part: The places of its examples in the data.
  ///   - labels: Those of all examples.
  ///   - predictions: The predictions of the model that was not trained on them.
  mutating func add(fold: Int, part: [Int], labels: [String], _ predictions: [LabelPrediction?]) throws {
    for (place, prediction) in zip(part, predictions) {
      rows.append(Row(number: place + 1, fold: fold, label: labels[place], prediction: prediction))
    }
    try write()
  }

  private func write() throws {
    let lines =
      try [["row", "fold", "label", "prediction", "probability"]]
      + rows.sorted { $0.number < $1.number }.map { row in
        let prediction = row.prediction
        return [
          "\(row.number)", "\(row.fold)", try field(row.label), try field(prediction?.label ?? ""),
          prediction.map { "\($0.probability)" } ?? "",
        ]
      }
    let text = lines.map { $0.joined(separator: isCSV ? "," : "\t") + "\n" }.joined()
    try Files.replace(path, with: Array(text.utf8))
  }

  /// A field of the table, quoted as required by CSV (RFC 4180).
  private func field(_ label: String) throws -> String {
    guard isCSV else {
      guard !label.contains(where: { $0 == "\t" || $0.isNewline }) else {
        throw RecurrentError(
          .invalidData, "the label \(label.shown) contains a tab or a line break", at: path,
          remedy: "use a name that ends in .csv, whose fields are quoted")
      }
      return label
    }
    guard label.contains(where: { $0 == "," || $0 == "\"" || $0.isNewline }) else { return label }
    return "\"" + label.map { $0 == "\"" ? "\"\"" : String($0) }.joined() + "\""
  }
}
