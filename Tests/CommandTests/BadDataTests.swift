import Foundation
import Testing

/// Files of text and of options that are none, are endless, too large or of another encoding; and pipes, which work.
struct BadDataTests {
  /// The line that a command says, which must be its only one.
  private func line(_ command: Command, _ arguments: [String], under starter: [String] = []) throws -> String {
    let result = try command.run(arguments, under: starter)
    #expect(result.code == 1, "\(result.errors)")
    #expect(result.output == "")
    #expect(result.errors.hasPrefix("recur: ") && result.errors.hasSuffix("\n"), "\(result.errors)")
    #expect(!command.exists("new"), "nothing is half-written")
    return String(result.errors.dropFirst(7).dropLast())
  }

  private func train(_ data: String, _ more: String...) -> [String] {
    ["train", "text", "--model", "new", "--data", data, "--epochs", "1"] + Training.options.dropFirst(2) + more
  }

  @Test func otherEncodings() throws {
    let command = try Training.command()
    let units: [UInt8] = Training.text.utf16.flatMap { [UInt8($0), 0] }
    let letters: [UInt8] = Training.text.unicodeScalars.flatMap { [UInt8($0.value), 0, 0, 0] }
    let encoded: [(String, [UInt8], String)] = [
      ("mark", [0xFF, 0xFE] + units, "UTF-16"), ("little", units, "UTF-16LE"),
      ("big", [0] + units.dropLast(), "UTF-16BE"),
      ("long", [0xFF, 0xFE, 0, 0] + letters, "UTF-32"),
    ]
    for (name, bytes, encoding) in encoded {
      try command.write(Data(bytes), to: name)
      #expect(
        try line(command, train(name))
          == "\(name): is \(encoding) text, not UTF-8; convert it: iconv -f \(encoding) -t UTF-8 \(name) >NEW")
    }
    let texts: [([UInt8], String)] = [
      (
        Array("abc\0def".utf8),
        "has a NUL byte at offset 3, so it is not a text file; name a text file, or remove the NUL bytes: tr -d '\\000' <x >NEW"
      ),
      (
        [0x63, 0x61, 0x66, 0xE9, 0x21],
        "is not UTF-8 text: byte 233 at offset 3; convert it, for example: iconv -f LATIN1 -t UTF-8 x >NEW"
      ),
      (
        [0x1F, 0x8B, 8, 0, 0, 0],
        "is gzip-compressed, not UTF-8 text; rename it to end in .gz, or unpack it with gunzip"
      ),
      ([0x50, 0x4B, 3, 4, 0], "is a zip archive (torch.save), not UTF-8 text; name a text file"),
      ([0xEF, 0xBB, 0xBF], "is empty; use a file with text"),
    ]
    for (bytes, expected) in texts {
      try command.write(Data(bytes), to: "x")
      #expect(try line(command, train("x")) == "x: \(expected)")
      #expect(try line(command, train("text.txt", "--validation", "x")) == "x: \(expected)")
    }
  }

  @Test func whatIsNoFile() throws {
    let command = try Training.trained()
    let loop = command.path("loop")
    try FileManager.default.createSymbolicLink(atPath: loop, withDestinationPath: loop)
    for (name, expected) in [
      (".", "is a folder, not a file; name a file in it"),
      ("none", "cannot be opened (No such file or directory); check the path"),
      ("loop", "cannot be opened (Too many levels of symbolic links); check the path"),
    ] {
      for arguments in [
        train(name), train("text.txt", "--validation", name), ["evaluate", "--model", "model", "--data", name],
        ["train", "text", "--config", name], ["run", "--model", "model", "--input", name, "--output", "new"],
      ] {
        #expect(try line(command, arguments) == "\(name): \(expected)", "\(arguments)")
      }
    }
    #expect(try line(command, train("/dev/null")) == "/dev/null: is empty; use a file with text")
    let most = "the limit for a file of unknown size; if it ends, write it to a file, and name that file"
    let config = try line(command, ["train", "text", "--config", "/dev/zero"])
    #expect(config == "/dev/zero: gives more than 1.0 MiB, \(most)")
    // As much as the memory leaves, and never more than 1 GiB.
    for arguments in [train("/dev/zero"), ["run", "--model", "model", "--input", "/dev/zero", "--output", "new"]] {
      let endless = try line(command, arguments, under: Command.shell("ulimit -v 600000"))
      #expect(
        endless.wholeMatch(of: #/\/dev\/zero: gives more than [\d.]+ MiB, (.*)/#)?.1 == most[...], "\(endless)")
    }
  }

  @Test func filesThatMayNotBeRead() throws {
    let command = try Training.command()
    chmod(command.path("text.txt"), 0)
    chmod(command.folder.path, 0o755)
    // Root may read everything.
    let starter = getuid() == 0 ? ["/usr/bin/setpriv", "--reuid=65534", "--clear-groups"] : []
    for name in ["output", "errors"] { try command.write("", to: name) }
    let expected = "text.txt: cannot be opened (Permission denied); check its permissions"
    #expect(try line(command, train("text.txt"), under: starter) == expected)
  }

  @Test func sizes() throws {
    let command = try Training.trained()
    func make(_ name: String, bytes: UInt64) throws {
      try command.write("", to: name)
      try FileHandle(forWritingTo: URL(fileURLWithPath: command.path(name))).truncate(atOffset: bytes)
    }
    // Files with a hole: nothing of them is on the disk, and nothing of them is read.
    try make("two", bytes: 2 << 30)
    try make("large", bytes: 4 << 40)
    let starter = Command.shell("ulimit -v 4000000")
    let needs =
      #/(two|large): not enough memory for a file of (2.0 GiB|4.0 TiB): (12.0 GiB|6.0 GiB|24.0 TiB|12.0 TiB) requested, .* available; use a smaller file, or free memory/#
    for name in ["two", "large"] {
      for arguments in [
        train(name), train("text.txt", "--validation", name), ["evaluate", "--model", "model", "--data", name],
        ["run", "--model", "model", "--input", name, "--output", "new"],
      ] {
        let line = try line(command, arguments, under: starter)
        #expect(line.wholeMatch(of: needs) != nil, "\(line)")
      }
      let line = try line(command, ["train", "text", "--config", name])
      let size = name == "two" ? "2.0 GiB" : "4.0 TiB"
      #expect(line == "\(name): has \(size), more than the limit of 1.0 MiB; name another file")
    }
  }

  /// One line, and one word: the file has no line break.
  @Test func endlessLines() throws {
    let command = try Command()
    try command.write(String(repeating: "many words, no end; ", count: 20_000), to: "line.txt")
    try command.write(String(repeating: "a", count: 400_000), to: "word.txt")
    let shape = ["--batch", "100", "--sequence", "100", "--hidden", "2", "--layers", "1", "--embedding", "2"]
    for (data, more) in [("line.txt", ["--tokens", "words"]), ("line.txt", []), ("word.txt", [])] {
      let arguments = ["train", "text", "--model", "new", "--data", data, "--epochs", "1"] + shape + more
      let result = try command.run(arguments)
      #expect(result.code == 0, "\(result.errors)")
      try command.remove("new")
    }
    let word = try line(command, ["train", "text", "--model", "new", "--data", "word.txt", "--tokens", "words"])
    #expect(
      word == "word.txt: has 1 token, too few to hold out a fraction of 0.1; use a longer text or another fraction")
    try command.write("b\n", to: "other.txt")
    let trained = ["train", "text", "--model", "words", "--data", "other.txt", "--tokens", "words", "--batch", "1"]
    _ = try command.run(trained + ["--sequence", "1", "--epochs", "1", "--validation-fraction", "0"])
    #expect(try command.run("evaluate", "--model", "words", "--data", "word.txt").code == 1)
  }

  /// What comes through a pipe is read once; a resume asks for it again, and knows it by its contents.
  @Test func pipes() throws {
    let command = try Training.command()
    func shell(_ script: String) throws -> Command.Result {
      try command.run([], under: ["/bin/bash", "-c", script])
    }
    func recur(_ words: [String]) -> String { "\"$0\" " + words.joined(separator: " ") }
    #expect(try shell(recur(train("<(cat text.txt)"))).code == 0)
    let resume = Training.resume("new", "--epochs", "2")
    let gone = try shell(recur(resume))
    let place = try #require(gone.errors.firstMatch(of: #/recur: (/dev/fd/\d+): /#)).1
    #expect(
      gone.errors == "recur: \(place): the data that the run began with is missing; give the same data with "
        + "--data; a pipe must be given again\n")
    let other = try shell(recur(resume + ["--data", "<(tac text.txt)"]))
    #expect(other.code == 1 && other.errors.contains("is not the data of the start of the run"), "\(other.errors)")
    #expect(try shell(recur(resume + ["--data", "<(cat text.txt)"])).code == 0)
    #expect(mkfifo(command.path("fifo"), 0o600) == 0)
    try command.remove("new")
    #expect(try shell("cat text.txt >fifo & " + recur(train("fifo"))).code == 0)
    try command.remove("new")
    #expect(
      try shell("cat text.txt | " + recur(train("/dev/stdin", "--validation", "<(head -c 900 text.txt)"))).code == 0)
    // Texts to validate on may come another way, too, as long as they are the same.
    let moved = ["--data", "text.txt", "--validation", "<(head -c 900 text.txt)"]
    #expect(try shell(recur(resume + moved)).code == 0)
    let evaluation = "head -c 2000 text.txt | " + recur(["evaluate", "--model", "new", "--data", "/dev/stdin"])
    #expect(try shell(evaluation).code == 0)
    let config = [
      "train", "text", "--model", "made", "--config", "<(echo data: text.txt; echo hidden: 3; echo epochs: 1)",
    ]
    #expect(try shell(recur(config)).code == 0)
  }
}
