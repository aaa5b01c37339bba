import Recurrent

// Series in tables.
extension FuzzTarget {
  /// Series of any columns are complete, and come back when they are written as a table with their times and read again.
  static func series(_ bytes: [UInt8]) throws {
    let text = try Files.text(of: bytes, from: "x")
    var formats = [SeriesFormat(), SeriesFormat(), SeriesFormat(), SeriesFormat(), SeriesFormat()]
    (formats[1].id, formats[1].targets, formats[1].known) = (.number(1), [.number(3)], [.number(4)])
    (formats[2].time, formats[2].categories, formats[2].staticCategories) = (.number(1), [.number(2)], [.number(3)])
    (formats[3].spacing, formats[3].isDayFirst) = (.rows, true)
    formats[4].shape = .series
    for (name, format) in formats.flatMap({ format in ["x.csv", "x.tsv"].map { ($0, format) } }) {
      try attempt {
        let found = try SeriesData.table(Array(text.utf8), from: name, format)
        try check(found.data)
        let again = try SeriesData.table(Array(text.utf8), from: name, found.format)
        try expect(again.data.targets == found.data.targets, "the format that was found reads other targets")
      }
    }
    _ = SeriesSplit(text).map { SeriesSplit($0.description) }
    if let step = TimeStep(text) { try expect(TimeStep(step.description) != nil, "a step that cannot be read") }
  }

  private static func check(_ data: SeriesData) throws {
    try expect(!data.series.isEmpty && !data.targets.isEmpty, "no series")
    for one in data.series {
      let steps = one.steps
      try expect(steps > 0 && one.targets.count == data.targets.count, "no targets")
      try expect((one.targets + one.past).allSatisfy { $0.count == steps }, "variables of other lengths")
      try expect(one.known.allSatisfy { $0.count >= steps }, "a covariate that ends early")
      try expect(one.categories.allSatisfy { $0.count >= steps }, "a category that ends early")
      try expect(!(one.targets + one.past + one.known).joined().contains(where: \.isInfinite), "an infinite value")
      guard one.times == nil, one.start != nil, one.step != nil else { continue }
      let times = (0..<steps).compactMap { one.time(at: $0) }
      try expect(zip(times, times.dropFirst()).allSatisfy(<), "times that do not ascend")
      _ = Season.detect(one.targets[0], step: one.step)
      let written = times.map(data.timeFormat.text)
      // Fractions beyond the digits of the format, and months of days, are not written.
      guard zip(written, times).allSatisfy({ text, time in Timestamp(text) ?? time == time }) else { continue }
      let table = "date,value\n" + zip(written, one.targets[0]).map { "\($0),\($1.isNaN ? "" : "\($1)")\n" }.joined()
      var format = SeriesFormat()
      (format.time, format.targets, format.step) = (.name("date"), [.name("value")], one.step)
      format.isDayFirst = data.timeFormat.text(of: Timestamp(year: 2000, month: 2)).hasPrefix("01")
      try attempt {
        let again = try SeriesData.table(Array(table.utf8), from: "x.csv", format)
        let values = again.data.series[0].targets[0].map(\.bitPattern)
        try expect(one.targets[0].map(\.bitPattern).starts(with: values), "a round trip changes values")
      }
    }
  }
}
