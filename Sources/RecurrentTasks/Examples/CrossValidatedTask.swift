import RecurrentModel

/// A task with labelled examples that supports `recur cross-validate`.
package protocol CrossValidatedTask: Task {
  associatedtype Example

  /// All examples of the data.
  static func examples(_ settings: TrainingSettings<Options>, say: (String) -> Void) throws -> [Example]
  /// The label of an example, by which folds are stratified.
  static func label(of example: Example) -> String?
  /// The other files that are read.
  static func inputs(_ options: Options) -> [String]

  /// A model, with its training and validation examples.
  init(_ settings: TrainingSettings<Options>, training: [Example], validation: [Example]) throws
  /// Evaluates the model on the validation examples and predicts each of them.
  func foldResult(_ trainer: Trainer<Model, Batch>) throws -> FoldResult
}

/// The result of a model on the fold that it was not trained on.
package struct FoldResult {
  package let loss: Double
  package let confusion: ConfusionMatrix
  /// The prediction for each example; nil if there is none.
  package let predictions: [LabelPrediction?]
}
