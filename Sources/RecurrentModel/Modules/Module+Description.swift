extension Module {
  /// The tree of layers, with sizes and parameter counts.
  public var description: String {
    tree(indentation: "", below: []) + "\n\(parameterCount.grouped) parameters"
      + (frozen > 0 ? ", \(frozen.grouped) frozen" : "")
  }

  /// The type's name and, in parentheses, the options that are not nil.
  package func summary(with options: [String?]) -> String {
    let options = options.compactMap { $0 }
    return "\(Self.self)" + (options.isEmpty ? "" : "(" + options.joined(separator: ", ") + ")")
  }

  private var frozen: Int { parameters.filter(\.isFrozen).map(\.count).saturatingSum }

  private func tree(indentation: String, below above: [ObjectIdentifier]) -> String {
    let inner = indentation + "  "
    let (members, above) = members(below: above)
    let children = members.compactMap { member -> String? in
      guard case .module(let name, let module) = member else { return nil }
      return inner + "(\(name)): " + module.tree(indentation: inner, below: above)
    }
    guard children.isEmpty else { return summary + "(\n" + children.joined(separator: "\n") + "\n" + indentation + ")" }
    return parameterCount == 0 ? summary : summary + "  # \(parameterCount.grouped)"
  }
}
