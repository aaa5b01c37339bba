#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// The settings in checkpoints of versions before 2: typed values, in an object per group.
struct EarlierSettings {
  /// The corresponding options.
  private(set) var options: [String: OptionValues.Value] = [:]
  let fingerprints: [String]

  private static let groups: Set = ["storage", "reading", "examples", "network", "training", "columns"]
  private static let newNames = ["word": "word-column", "tag": "tag-column"]

  /// - Throws: `DecodingError` if it is no such text.
  init(json: String) throws {
    struct Heading: Decodable {
      let fingerprints: [String]
      /// The training data, present in all of them.
      let data: String
    }
    fingerprints = try JSONDecoder().decode(Heading.self, from: Data(json.utf8)).fingerprints
    guard case .object(let tree) = try JSONDecoder().decode(Tree.self, from: Data(json.utf8)) else { return }
    add(tree)
    removeUnused()
  }

  private mutating func add(_ tree: [String: Tree]) {
    for (key, value) in tree where key != "fingerprints" {
      switch value {
      case .object(let inner) where Self.groups.contains(key):
        if key == "examples", inner["plainValidation"] == nil { options["weighted-validation"] = .flag(true) }
        add(inner)
      case .object(let inner) where key == "characters":
        options["characters"] = .flag(true)
        for (key, value) in inner { options["character-\(key)"] = value.text.map(OptionValues.Value.text) }
      case .object(let inner): options[name(key)] = choice(inner).map(OptionValues.Value.text)
      case .flag(let isSet):
        if key != "plainValidation", isSet || key == "comments" { options[name(key)] = .flag(isSet) }
      default: options[name(key)] = value.text.map(OptionValues.Value.text)
      }
    }
  }

  /// The argument for an enumeration's case with its values: a schedule, or class weights.
  private func choice(_ tree: [String: Tree]) -> String? {
    guard let (name, value) = tree.first, case .object(let values) = value else { return nil }
    if case .object(let factors)? = values["_0"] {
      return factors.sorted { $0.key < $1.key }.map { "\($0)=\($1.text ?? "")" }.joined(separator: ",")
    }
    return ([name] + ["warmUp", "every", "factor"].compactMap { values[$0]?.text }).joined(separator: ":")
  }

  /// Removes values without effect, which earlier versions stored.
  private mutating func removeUnused() {
    if options["cell"] != .text("gru") { options["gru-convention"] = nil }
    if options["cell"] != .text("elman") { options["activation"] = nil }
    if options["input"] != .text("embedding") { options["embedding"] = nil }
    if options["validation"] != nil {
      options["validation-fraction"] = nil
    } else if options["validation-fraction"] == .text("0") || options["validation-fraction"] == .text("0.0") {
      options["monitor"] = nil
    }
    if case .text(let name)? = options["gru-convention"] {
      options["gru-convention"] = .text(name == "resetBefore" ? "before" : "after")
    }
  }

  private func name(_ key: String) -> String { Self.newNames[key] ?? key.inKebabCase }

  /// A JSON value.
  private enum Tree: Decodable {
    case object([String: Tree])
    case flag(Bool)
    case scalar(String)
    case nothing

    init(from decoder: any Decoder) throws {
      let value = try decoder.singleValueContainer()
      if let object = try? value.decode([String: Tree].self) {
        self = .object(object)
      } else if let isSet = try? value.decode(Bool.self) {
        self = .flag(isSet)
      } else if let number = try? value.decode(UInt64.self) {
        self = .scalar("\(number)")
      } else if let number = try? value.decode(Double.self) {
        self = .scalar("\(number)")
      } else {
        self = (try? value.decode(String.self)).map(Tree.scalar) ?? .nothing
      }
    }

    var text: String? { if case .scalar(let text) = self { text } else { nil } }
  }
}
