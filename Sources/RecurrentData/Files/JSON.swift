import RecurrentCore

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// Decoding of untrusted JSON.
package enum JSON {
  /// The maximum nesting of objects and arrays, as in Foundation.
  private static let deepest = 512

  /// Decodes a value from bytes.
  /// - Throws: `RecurrentError.invalidData` with the reason, without the place: it is not UTF-8 JSON, an object has a key
  ///   twice, or it is not such a value.
  package static func decode<Value: Decodable>(
    _: Value.Type = Value.self, from bytes: some RandomAccessCollection<UInt8>
  )
    throws -> Value
  {
    let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
    let text = Array(bytes.dropFirst(bytes.starts(with: mark) ? 3 : 0))
    // Foundation guesses encodings of 2 and 4 bytes from zeros, where the search for keys would be blind.
    guard !text.contains(0), text.first.map({ $0 < 0xFE }) ?? true else { throw fault("it is not UTF-8 JSON") }
    do {
      try checkKeys(text)
      return try JSONDecoder().decode(Value.self, from: Data(text))
    } catch let error as DecodingError {
      throw fault(reason(error, text))
    }
  }

  private static func fault(_ reason: String) -> RecurrentError {
    RecurrentError(.invalidData, "cannot be read: \(reason)")
  }

  /// - Throws: If an object has a duplicate key, of which programs would use different values.
  private static func checkKeys(_ text: [UInt8]) throws {
    // Of what is open, the objects' keys; nil for arrays.
    var open: [Set<ArraySlice<UInt8>>?] = []
    var place = 0
    while place < text.count {
      switch text[place] {
      case UInt8(ascii: "{"), UInt8(ascii: "["):
        open.append(text[place] == UInt8(ascii: "{") ? [] : nil)
        guard open.count <= deepest else { throw fault("its nesting is deeper than \(deepest)") }
      case UInt8(ascii: "}"), UInt8(ascii: "]"): _ = open.popLast()
      case UInt8(ascii: "\""):
        let string = place..<endOfString(text, from: place)
        place = string.upperBound - 1
        let next = text[string.upperBound...].first { !" \n\r\t".utf8.contains($0) }
        guard next == UInt8(ascii: ":"), let last = open.indices.last else { break }
        guard try open[last]?.insert(unescaped(text[string])).inserted ?? true else {
          throw fault("it has the key \(String(decoding: text[string], as: UTF8.self).shown) more than once")
        }
      default: break
      }
      place += 1
    }
  }

  /// The offset after a string's closing quote, or the end of the text.
  private static func endOfString(_ text: [UInt8], from start: Int) -> Int {
    var place = start + 1
    while place < text.count, text[place] != UInt8(ascii: "\"") { place += text[place] == UInt8(ascii: "\\") ? 2 : 1 }
    return min(place + 1, text.count)
  }

  /// A key without escapes: `"\u0061"` is `"a"`.
  private static func unescaped(_ key: ArraySlice<UInt8>) throws -> ArraySlice<UInt8> {
    guard key.contains(UInt8(ascii: "\\")) else { return key }
    return try Array("\"\(JSONDecoder().decode(String.self, from: Data(key)))\"".utf8)[...]
  }

  /// The reason of an error, in a few words.
  private static func reason(_ error: DecodingError, _ text: [UInt8]) -> String {
    func path(_ context: DecodingError.Context) -> String {
      context.codingPath.isEmpty ? "it" : context.codingPath.map(\.stringValue).joined(separator: ".").shown
    }
    return switch error {
    case .keyNotFound(let key, let context):
      "\((context.codingPath.map(\.stringValue) + [key.stringValue]).joined(separator: ".").shown) is missing"
    case .typeMismatch(_, let context), .valueNotFound(_, let context): path(context) + " has the wrong type"
    case .dataCorrupted(let context) where !context.codingPath.isEmpty:
      path(context) + " has an unknown or out-of-range value"
    // Of a number that its type does not hold, or half a surrogate pair, Foundation says no more than of what is not JSON.
    case .dataCorrupted where (try? JSONDecoder().decode(Anything.self, from: Data(text))) != nil:
      "a number is out of range or not whole, or a string is not valid Unicode"
    case .dataCorrupted: "it is not JSON"
    @unknown default: "it is damaged"
    }
  }

  /// Any JSON value.
  private struct Anything: Decodable {
    init(from decoder: any Decoder) {}
  }
}

extension Decoder {
  /// A value that is written as its text.
  /// - Parameter kind: What it is, for errors: `a split`.
  /// - Throws: `DecodingError` if the text is not such a value.
  package func text<Value: LosslessStringConvertible>(of kind: String) throws -> Value {
    let container = try singleValueContainer()
    guard let value = Value(try container.decode(String.self)) else {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: "not \(kind)")
    }
    return value
  }
}

extension Encoder {
  /// Writes a value as its text.
  package func put(textOf value: some CustomStringConvertible) throws {
    var container = singleValueContainer()
    try container.encode(value.description)
  }
}
