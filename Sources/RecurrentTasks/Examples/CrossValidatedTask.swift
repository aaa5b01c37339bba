import RecurrentModel

/// A task with labelled examples, which can be trained on all folds of them but one: `recur cross-validate`.
package protocol CrossValidatedTask: Task {
  associatedtype Example

  /// All examples of the data.
  static func examples(_ settings: TrainingSettings<Options>, say: (String) -> Void) throws -> [Example]
  /// The example's label, of which each fold has as many examples as the others.
  static func label(of example: Example) -> String?
  /// Files that are read beside the data.
  static func inputs(_ options: Options) -> [String]

  /// A model for some examples, and others to measure it with.
  init(_ settings: TrainingSettings<Options>, training: [Example], validation: [Example]) throws
  /// How well the model does on the validation examples, and what it predicts of each.
  func foldResult(_ trainer: Trainer<Model, Batch>) throws -> FoldResult
}

/// The result of a model on the fold that it was not trained on.
package struct FoldResult {
  package let loss: Double
  package let confusion: ConfusionMatrix
  /// What it predicts of each example; nil where it predicts nothing.
  package let predictions: [LabelPrediction?]
}
