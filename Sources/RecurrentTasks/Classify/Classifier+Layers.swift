import RecurrentModel

extension Classifier: LayerTableModule {
  /// The lines of a summary: pooling comes between the recurrent layers and `head`.
  package func lines(_ path: String, steps: String, batchSize: String) -> [LayerLine] {
    members.flatMap { member -> [LayerLine] in
      guard case .module(let name, let module) = member else { return [] }
      let inner = path.isEmpty ? name : path + "." + name
      switch module {
      case is RecurrentStack where attention == nil:
        let pooling = LayerLine(path + "pooling", "\(pooling)", [batchSize, "\(head.weight.shape[1])"], [])
        return module.lines(inner, [steps, batchSize]) + [pooling]
      case is AttentionPooling: return [module.line(inner, [batchSize, "\(head.weight.shape[1])"])]
      case is Embedding where window != nil: return module.lines(inner, [batchSize, "\(window ?? 0)"])
      case is Dense: return module.lines(inner, [batchSize])
      default: return module.lines(inner, [steps, batchSize])
      }
    }
  }
}
