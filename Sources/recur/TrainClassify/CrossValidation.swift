import Recurrent

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Trains a classifier on all parts of the data but one, measures it on that one, for each part in turn: `--folds`.
struct CrossValidation {
  let settings: ClassifySettings
  let folds: Int
  /// The only fold to run, from 1; nil for all. It is the same as in a run of all.
  let fold: Int?
  /// Where the predictions go, or nil.
  let outOfFold: String?
  let device: Device
  let isJSON: Bool

  func run() throws {
    let examples = try ClassifyTask.examples(settings)
    try require(
      folds >= 2 && folds <= examples.count, "--folds", folds,
      "take 2 or more, and no more than there are texts, \(examples.count.grouped)")
    if let fold { try require((1...folds).contains(fold), "--fold", fold, "take 1 to \(folds), one of the --folds") }
    let inputs = [settings.data, settings.storage.labels, settings.examples.vectors].compactMap(\.self)
    var table = try outOfFold.map { try OutOfFold($0, inputs: inputs) }
    let labels = examples.compactMap(\.label)
    let parts = try Folds(classes: labels, count: folds, seed: settings.training.seed)
    var accuracies: [Double] = []
    var all = ConfusionMatrix(labels: Set(labels).sorted())
    let start = ContinuousClock.now
    let run = fold.map { [$0 - 1] } ?? Array(parts.parts.indices)
    for part in run {
      let task = try ClassifyTask(
        settings, training: parts.training(without: part).map { examples[$0] },
        validation: parts.parts[part].map { examples[$0] })
      if part == run[0] { task.sayBeginning(on: device.description) }
      let trainer = try Trainer(task, on: device)
      let result = try train(task, trainer)
      table?.add(fold: part + 1, part: parts.parts[part], of: examples, try task.predictions(trainer))
      try all.add(result.confusion)
      accuracies.append(result.confusion.accuracy)
      let (number, accuracy) = (part + 1, result.confusion.accuracy)
      Console.say(
        "Fold \(number) of \(folds): loss \(result.loss.text(4)), accuracy \(accuracy.text(4)), \(result.confusion.count.grouped) texts"
      )
      if isJSON {
        try Console.put(
          json: FoldEvent(fold: number, loss: result.loss, accuracy: accuracy, macroF1: result.confusion.macroF1))
      }
    }
    try table?.write()
    let count = Double(accuracies.count)
    let mean = accuracies.reduce(0, +) / count
    let deviation = sqrt(accuracies.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / count)
    let seconds = start.duration(to: .now).seconds
    guard !isJSON else {
      return try Console.put(
        json: EndEvent(
          folds: folds, accuracy: all.accuracy, foldAccuracy: mean, foldDeviation: deviation, macroF1: all.macroF1,
          texts: all.count, seconds: seconds))
    }
    let byFold = fold == nil ? "\naccuracy by fold \(mean.text(4)) ± \(deviation.text(4))\n" : ""
    Console.put("\(all.text)\n\(byFold)")
  }

  private struct FoldEvent: Encodable {
    var event = "fold"
    let fold: Int, loss: Double, accuracy: Double, macroF1: Double
  }

  private struct EndEvent: Encodable {
    var event = "done"
    /// `accuracy` and `macroF1` count all texts of the folds that were run, each by the model that did not see it; the others
    /// are of the folds' own.
    let folds: Int, accuracy: Double, foldAccuracy: Double, foldDeviation: Double, macroF1: Double
    let texts: Int, seconds: Double
  }

  /// Trains as long as the settings say, and measures what was left out.
  private func train(
    _ task: ClassifyTask, _ trainer: Trainer<Classifier, LabelledBatch>
  ) throws -> ClassificationResult {
    try trainer.fit(epochs: settings.training.epochs, batches: task.batches)
    guard let result = try task.measure(trainer) else {
      throw RecurrentError(.invalidData, "a fold without texts", at: settings.data, remedy: "take fewer folds")
    }
    return result
  }
}
