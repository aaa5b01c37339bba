/// All tasks.
package let tasks: [any Task.Type] = [
  TextTask.self,
  ClassifyTask.self,
  TagTask.self,
  ForecastTask.self,
  AnomalyTask.self,
  TranslateTask.self,
]
