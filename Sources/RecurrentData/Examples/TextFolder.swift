import RecurrentCore

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

extension TextExamples {
  /// The examples of a folder: each subfolder is a class, with one text per file; without such subfolders, each `.txt`
  /// file is a class, with one text per line, empty lines ignored.
  ///
  /// Skipped: folders without texts, files that do not end in `.txt` or `.txt.gz`, folders within class folders, hidden
  /// files and folders, and text files in a folder with folders of texts.
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
        .invalidData, "contains no texts", at: path,
        remedy: "add a subfolder of .txt files per class, or a .txt file per class")
    }
    try requireMemory(classes.flatMap(\.files), path)
    let examples = try classes.flatMap { label, files in
      try files.flatMap { file in
        // Memory was checked for all files together.
        let text = try Files.readText(file, limit: .list)
        return hasFolders
          ? [TextExample(text: String(example: Array(text.utf8)[...]), label: label, location: file)]
          : try lines(text, label, file)
      }
    }
    return Contents(examples: examples, format: .folder, skipped: skipped.sorted())
  }

  /// The content of a folder, by name.
  private struct Listing {
    /// The text files.
    var texts: [String] = []
    /// The visible folders.
    var folders: [String] = []
    /// Everything else; hidden folders end with a slash.
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
      TextExample(text: String(example: $0.bytes), label: label, location: "\(path), line \($0.number)")
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
      remedy: "use a smaller folder, or free memory")
  }
}
