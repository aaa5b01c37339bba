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
  /// Folders without texts, files that do not end in `.txt` or `.txt.gz`, and what is hidden do not count; nor do texts beside
  /// folders that have texts.
  static func folder(_ path: String) throws -> [TextExample] {
    let names = try Files.names(in: path).filter { !$0.hasPrefix(".") }.sorted()
    let folders = try names.map { (label: $0, path: "\(path)/\($0)") }.filter { Files.isFolder($0.path) }
      .map { (label: $0.label, files: try texts(in: $0.path)) }
    var classes = folders.filter { !$0.files.isEmpty }
    let hasFolders = !classes.isEmpty
    if !hasFolders { classes = try texts(in: path).map { (label: $0.label, files: [$0]) } }
    guard !classes.isEmpty else {
      throw RecurrentError(
        .invalidData, "has no texts", at: path,
        remedy: "put a folder for each class in it with .txt files, or a .txt file for each class")
    }
    try requireMemory(classes.flatMap(\.files), path)
    return try classes.flatMap { label, files in
      try files.flatMap { file in
        // The memory was looked at for all of them.
        let text = try Files.readText(file.path, limit: .list)
        return hasFolders
          ? [TextExample(text: String(example: Array(text.utf8)[...]), label: label, place: file.path)]
          : try lines(text, label, file.path)
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

  /// The texts of a folder, by name; the label is what a file's name begins with.
  private static func texts(in folder: String) throws -> [(label: String, path: String)] {
    try Files.names(in: folder).filter { !$0.hasPrefix(".") && $0.withoutGz.hasSuffix(".txt") }.sorted()
      .map { (label: String($0.withoutGz.dropLast(4)), path: "\(folder)/\($0)") }
      .filter { !Files.isFolder($0.path) }
  }

  private static func requireMemory(_ files: [(label: String, path: String)], _ path: String) throws {
    let size = files.reduce(0) { sum, file in
      var status = stat()
      return stat(file.path, &status) == 0 ? sum + Int(status.st_size) : sum
    }
    try HostMemory.require(
      10 * size, for: "\(files.count.grouped) texts of \(size.asBytes)", at: path,
      remedy: "name a folder with fewer, or free memory")
  }
}
