import RecurrentData
import RecurrentModel

extension ClassifyTask: CrossValidatedTask {
  package static func examples(
    _ settings: TrainingSettings<ClassifyOptions>, say: (String) -> Void
  ) throws -> [TextExample] {
    try settings.options.storage.labelledContents(of: settings.data, say: say).examples
  }

  package static func label(of example: TextExample) -> String? { example.label }

  package static func inputs(_ options: ClassifyOptions) -> [String] {
    [options.format.labels, options.examples.encoder.vectors].compactMap(\.self)
  }

  package init(
    _ settings: TrainingSettings<ClassifyOptions>, training: [TextExample], validation: [TextExample]
  ) throws {
    try self.init(settings, training: training, validation: validation, .new)
  }

  package func foldResult(_ trainer: Trainer<Classifier, LabelledBatch>) throws -> FoldResult {
    let result = try measure(trainer)
    return FoldResult(loss: result.loss, confusion: result.confusion, predictions: try predictions(trainer))
  }
}
