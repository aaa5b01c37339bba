import RecurrentModel

extension Classifier: LayerTableModule {
  /// The lines of a summary: pooling comes between the recurrent layers and `head`.
  package func lines(_ path: String, of axes: (steps: String, rows: String)) -> [LayerLine] {
    members.flatMap { member -> [LayerLine] in
      guard case .module(let name, let module) = member else { return [] }
      let inner = path.isEmpty ? name : path + "." + name
      switch module {
      case is RecurrentStack where attention == nil:
        let pooling = LayerLine(path + "pooling", "\(pooling)", [axes.rows, "\(head.weight.shape[1])"], [])
        return module.lines(inner, [axes.steps, axes.rows]) + [pooling]
      case is AttentionPooling: return [module.line(inner, [axes.rows, "\(head.weight.shape[1])"])]
      case is Embedding where window != nil: return module.lines(inner, [axes.rows, "\(window ?? 0)"])
      case is Dense: return module.lines(inner, [axes.rows])
      default: return module.lines(inner, [axes.steps, axes.rows])
      }
    }
  }
}
