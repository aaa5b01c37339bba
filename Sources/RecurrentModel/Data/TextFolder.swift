import RecurrentCore

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

extension TextExamples {
  /// The examples of a folder: each folder in it is a class, with a text a file; where there are no such folders, each of its
  /// `.txt` files is a class, with a text a line and empty lines passed over.
  ///
  /// Skipped are folders without texts, files that do not end in `.txt` or `.txt.gz`, folders within those of classes, what is
  /// hidden, and texts beside folders that have texts.
  static func folder(_ path: String) throws -> Contents {
    let top = try Listing(path)
    let folders = try top.folders.map { (label: $0, listing: try Listing("\(path)/\($0)")) }
    var skipped = top.others
    let hasFolders = folders.contains { !$0.listing.texts.isEmpty }
    var classes: [(label: String, files: [String])] = []
    if hasFolders {
      skipped += top.texts
      for (label, listing) in folders where !listing.texts.isEmpty {
        classes.append((label, listing.texts.map { "\(path)/\(label)/\($0)" }))
        skipped += (listing.others + listing.folders.map { $0 + "/" }).map { "\(label)/\($0)" }
      }
      skipped += folders.filter { $0.listing.texts.isEmpty }.map { $0.label + "/" }
    } else {
      classes = top.texts.map { (label: String($0.withoutGz.dropLast(4)), files: ["\(path)/\($0)"]) }
      skipped += top.folders.map { $0 + "/" }
    }
    guard !classes.isEmpty else {
      throw RecurrentError(
        .invalidData, "has no texts", at: path,
        remedy: "put a folder for each class in it with .txt files, or a .txt file for each class")
    }
    try requireMemory(classes.flatMap(\.files), path)
    let examples = try classes.flatMap { label, files in
      try files.flatMap { file in
        // The memory was looked at for all of them.
        let text = try Files.readText(file, limit: .list)
        return hasFolders
          ? [TextExample(text: String(example: Array(text.utf8)[...]), label: label, place: file)]
          : try lines(text, label, file)
      }
    }
    return Contents(examples: examples, format: .folder, skipped: skipped.sorted())
  }

  /// What is in a folder, by name.
  private struct Listing {
    /// The files of texts.
    var texts: [String] = []
    /// The folders that are not hidden.
    var folders: [String] = []
    /// All else; hidden folders with a slash at their end.
    var others: [String] = []

    init(_ path: String) throws {
      for name in try Files.names(in: path).sorted() where name != "." && name != ".." {
        let isHidden = name.hasPrefix(".")
        if Files.isFolder("\(path)/\(name)") {
          if isHidden { others.append(name + "/") } else { folders.append(name) }
        } else if !isHidden, name.withoutGz.hasExtension("txt") {
          texts.append(name)
        } else {
          others.append(name)
        }
      }
    }
  }

  private static func lines(_ text: String, _ label: String, _ path: String) throws -> [TextExample] {
    let examples = TextLines(text).map {
      TextExample(text: String(example: $0.bytes), label: label, place: "\(path), line \($0.number)")
    }
    let full = examples.filter { !$0.text.isEmpty }
    guard !full.isEmpty else { throw isEmpty(path) }
    return full
  }

  private static func requireMemory(_ files: [String], _ path: String) throws {
    let size = files.reduce(0) { sum, file in
      var status = stat()
      return stat(file, &status) == 0 ? sum + Int(status.st_size) : sum
    }
    try HostMemory.require(
      10 * size, for: "\(files.count.grouped) texts of \(size.asBytes)", at: path,
      remedy: "name a folder with fewer, or free memory")
  }
}
