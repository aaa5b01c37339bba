import Foundation
import Testing

/// The tables of options in `docs/cli.md` are those of the declarations. With RECUR_WRITE_DOCS they are written: `make options`.
struct OptionTablesTests {
  private static let page = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("../../docs/cli.md").standardizedFileURL
  private static let writes = ProcessInfo.processInfo.environment["RECUR_WRITE_DOCS"] == "1"

  @Test func tablesAreOfTheDeclarations() throws {
    let tables = try OptionTables()
    let text = try String(contentsOf: Self.page, encoding: .utf8)
    var markers: Set<String> = []
    let block = #/(<!-- options: (?<marker>[^>]*) -->\n)(?<table>[\s\S]*?)(<!-- end of options -->)/#
    let made = try text.replacing(block) { match in
      let (marker, shown) = (String(match.output.marker), String(match.output.table))
      let table = try tables.table(marker) + "\n"
      markers.insert(marker.components(separatedBy: ", beside ")[0])
      #expect(Self.writes || shown == table, "the options of \(marker): run make options")
      return "\(match.output.1)\(table)\(match.output.4)"
    }
    #expect(Set(tables.rows.keys).subtracting(markers).sorted() == [], "options without a table in docs/cli.md")
    if Self.writes { try made.write(to: Self.page, atomically: true, encoding: .utf8) }
  }
}
