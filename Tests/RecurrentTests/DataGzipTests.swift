import Foundation
import Recurrent
import Testing

@testable import RecurrentData
@testable import RecurrentModel

/// Packed files are read as what they hold; damage has a name.
struct DataGzipTests {
  private static let text = (0..<40_000).map { "line \($0 * 7919 % 1000)\n" }.joined()

  @Test func whatIsPackedComesBack() throws {
    let files = try DataFiles()
    #expect(try Files.readText(files.pack(Self.text, to: "text.gz")) == Self.text)
    #expect(try Files.readText(files.pack("", to: "empty.gz")) == "")
    // Some programs unpack a file that they fetch, and leave its name.
    #expect(try Files.readText(files.write("plain text", to: "plain.gz")) == "plain text")
    let one = try Files.read(files.pack("one\n", to: "one.gz"))
    let two = try Files.read(files.pack("two\n", to: "two.gz"))
    #expect(try Files.readText(files.write(one + two, to: "both.gz")) == "one\ntwo\n")
    let mark = try files.pack("\u{FEFF}marked", to: "mark.gz")
    #expect(try Files.readText(mark) == "marked")
  }

  @Test func onlyDataIsUnpacked() throws {
    let files = try DataFiles()
    let path = try files.pack(Self.text, to: "text.gz")
    #expect(try Files.read(path).starts(with: [0x1F, 0x8B]))
    let unnamed = try files.write(Files.read(path), to: "text")
    #expect(
      files.line { _ = try Files.readText(unnamed) }
        == "text: is gzip-compressed, not UTF-8 text; rename it to end in .gz, or unpack it with gunzip")
  }

  @Test func damageIsNamed() throws {
    let files = try DataFiles()
    let whole = try Files.read(files.pack(Self.text, to: "text.gz"))
    for count in [2, 3, 9, 10, 11, 100, whole.count / 2, whole.count - 9, whole.count - 8, whole.count - 1] {
      try files.write(Array(whole[..<count]), to: "x.gz")
      #expect(
        files.line { _ = try Files.readText(files.path + "/x.gz") }
          == "x.gz: is truncated: the packed data is incomplete; download it again", "\(count) bytes")
    }
    for (place, reason) in [
      (2, "unknown compression method"), (whole.count - 8, "incorrect data check"),
      (whole.count - 4, "incorrect length check"),
    ] {
      var bytes = whole
      bytes[place] ^= 0x55
      try files.write(bytes, to: "x.gz")
      #expect(
        files.line { _ = try Files.readText(files.path + "/x.gz") }
          == "x.gz: is damaged and cannot be unpacked (\(reason)); download it again")
    }
    let units = Array("some text".utf16).flatMap { [UInt8($0 & 255), UInt8($0 >> 8)] }
    let text = try files.pack(String(decoding: units, as: UTF8.self), to: "wide.gz")
    #expect(
      files.line { _ = try Files.readText(text) }?.hasPrefix(
        "wide.gz: is UTF-16LE text, not UTF-8; convert it: gunzip -c ")
        == true)
  }

  @Test func limitsCountWhatComesOut() throws {
    let files = try DataFiles()
    let path = try files.pack(String(repeating: "a", count: 3 << 20), to: "bomb.gz")
    #expect(try Files.read(path).count < 5000)
    #expect(
      files.line { _ = try Files.readText(path, limit: .settings) }
        == "bomb.gz: unpacks to more than 1.0 MiB, the limit for such a file; name another file")
    #expect(try Files.readText(path, limit: .bytes(3 << 20)).utf8.count == 3 << 20)
    // So much for a byte that the packed bytes fit the memory, and what comes out of them does not.
    let line = files.line { _ = try Files.readText(path, limit: .memory(perByte: 400_000)) } ?? ""
    let expected =
      #/bomb\.gz: unpacks to more than [\d.,]+ \w+, the limit with the memory available; use a smaller file, or free memory/#
    #expect(line.wholeMatch(of: expected) != nil, "\(line)")
  }

  @Test func aMissingLibraryIsNamed() {
    #expect(
      message { _ = try Zlib(named: ["libnone.so.1"]) }
        == "libnone.so.1 is not installed, which is needed to unpack it; install zlib1g, or unpack it with gunzip")
    #expect(
      message { _ = try Zlib(named: ["libc.so.6"]) }
        == "zlib has no gzdopen, which is needed to unpack it; install zlib1g, or unpack it with gunzip")
  }
}
