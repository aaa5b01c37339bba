extension Module {
  /// The tree of layers with sizes and numbers of parameters.
  public var description: String {
    tree(indentation: "") + "\n\(parameterCount.grouped) parameters" + (frozen > 0 ? ", \(frozen.grouped) frozen" : "")
  }

  /// The type's name and, in parentheses, the options that are not nil.
  func summary(with options: [String?]) -> String {
    let options = options.compactMap { $0 }
    return "\(Self.self)" + (options.isEmpty ? "" : "(" + options.joined(separator: ", ") + ")")
  }

  private var frozen: Int { parameters.filter(\.isFrozen).reduce(0) { $0 + $1.count } }

  private func tree(indentation: String) -> String {
    let inner = indentation + "  "
    let children = members.compactMap { member -> String? in
      guard case .module(let name, let module) = member else { return nil }
      return inner + "(\(name)): " + module.tree(indentation: inner)
    }
    guard children.isEmpty else { return summary + "(\n" + children.joined(separator: "\n") + "\n" + indentation + ")" }
    return parameterCount == 0 ? summary : summary + "  # \(parameterCount.grouped)"
  }
}
