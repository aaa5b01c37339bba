import RecurrentCore

// How a module's parts are found: by reflection over its stored properties, when a model is placed, saved, loaded or printed.

extension Module {
  /// The stored properties, those of superclasses first. Weak and unowned properties are not parts.
  public var members: [Member] {
    var mirrors: [Mirror] = []
    var mirror: Mirror? = Mirror(reflecting: self)
    while let level = mirror {
      mirrors.insert(level, at: 0)
      mirror = level.superclassMirror
    }
    let references = namesOfReferences(in: type(of: self))
    return mirrors.flatMap(\.children).flatMap { child -> [Member] in
      guard let label = child.label, !references.contains(label) else { return [] }
      // A lazy property's storage is named after it, with a prefix.
      let prefix = "$__lazy_storage_$_"
      return parts(in: child.value, named: label.hasPrefix(prefix) ? String(label.dropFirst(prefix.count)) : label)
    }
  }

  /// The members, without modules that contain this one.
  /// - Parameter above: The modules that contain this one.
  /// - Returns: The members, and what is above them.
  func members(below above: [ObjectIdentifier]) -> (members: [Member], above: [ObjectIdentifier]) {
    let above = above + [ObjectIdentifier(self)]
    return (members.filter { !$0.leadsBack(to: above) }, above)
  }

  /// Throws if a stored property holds parts that cannot be found, or holds a module that holds it.
  /// - Throws: `RecurrentError.invalidArgument`, which names the property.
  func checkMembers(below above: [ObjectIdentifier] = []) throws {
    let above = above + [ObjectIdentifier(self)]
    for member in members {
      switch member {
      case .parameter: continue
      case .module(let name, _) where member.leadsBack(to: above):
        throw RecurrentError(
          .invalidArgument, "the property \(name) holds a module that contains this one", at: "\(Self.self)",
          remedy: "make it weak, or implement `members`")
      case .module(_, let module): try module.checkMembers(below: above)
      case .unreachable(let name):
        throw RecurrentError(
          .invalidArgument, "the property \(name) holds parameters or modules without a name", at: "\(Self.self)",
          remedy: "store them as properties or arrays, or implement `members`")
      }
    }
  }
}

extension Member {
  fileprivate func leadsBack(to above: [ObjectIdentifier]) -> Bool {
    guard case .module(_, let module) = self else { return false }
    return above.contains(ObjectIdentifier(module))
  }
}

/// The parts that a value is or lists. Types are compared before a value is cast: a cast that fails lets Foundation, where a
/// program imports it, convert a whole array or dictionary first.
private func parts(in value: Any, named name: String) -> [Member] {
  let type = type(of: value)
  if type is Parameter.Type, let parameter = value as? Parameter { return [.parameter(name, parameter)] }
  if type is any Module.Type, let module = value as? any Module { return [.module(name, module)] }
  let mirror = Mirror(reflecting: value)
  switch mirror.displayStyle {
  case .optional: return mirror.children.first.map { parts(in: $0.value, named: name) } ?? []
  case .collection:
    guard let first = mirror.children.first(where: { !isNil($0.value) }), holdsParts(first.value) else { return [] }
    return mirror.children.enumerated().flatMap { parts(in: $1.value, named: "\(name).\($0)") }
  default: return holdsParts(value) ? [.unreachable(name)] : []
  }
}

private func isNil(_ value: Any) -> Bool {
  let mirror = Mirror(reflecting: value)
  return mirror.displayStyle == .optional && mirror.children.isEmpty
}

/// Whether a value holds parameters or modules. Of an array only the first element that is not nil is examined.
private func holdsParts(_ value: Any) -> Bool {
  let type = type(of: value)
  if type is Parameter.Type || type is any Module.Type { return true }
  let mirror = Mirror(reflecting: value)
  switch mirror.displayStyle {
  case .tuple, .struct, .enum, .optional: return mirror.children.contains { holdsParts($0.value) }
  case .collection, .set, .dictionary:
    return mirror.children.first { !isNil($0.value) }.map { holdsParts($0.value) } ?? false
  default: return false
  }
}

// MARK: - Weak and unowned properties

// `Mirror` does not tell them from others, so the standard library's own source for it is asked.

/// The runtime's metadata of a stored property (`_FieldReflectionMetadata` in ReflectionMirror.swift of the standard library).
private struct FieldMetadata {
  var name: UnsafePointer<CChar>?
  var freeName: (@convention(c) (UnsafePointer<CChar>?) -> Void)?
  var isStrong = false
  var isVariable = false
}

@_silgen_name("swift_reflectionMirror_recursiveCount")
private func fieldCount(of type: Any.Type) -> Int

@_silgen_name("swift_reflectionMirror_recursiveChildMetadata")
private func fieldMetadata(of type: Any.Type, index: Int, _ field: UnsafeMutablePointer<FieldMetadata>) -> Any.Type

/// The weak and unowned properties of a class and its superclasses.
private func namesOfReferences(in type: Any.Type) -> Set<String> {
  var names: Set<String> = []
  for index in 0..<fieldCount(of: type) {
    var field = FieldMetadata()
    _ = fieldMetadata(of: type, index: index, &field)
    if !field.isStrong, let name = field.name { names.insert(String(cString: name)) }
    field.freeName?(field.name)
  }
  return names
}
