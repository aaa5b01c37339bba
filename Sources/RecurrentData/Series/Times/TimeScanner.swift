/// A time as written in data; whether the day or the month is first may depend on the other times.
struct WrittenTime: Sendable, Hashable {
  /// The form of a date.
  enum Form: Sendable, Hashable {
    case yearMonthDay, yearMonth, year, quarter
    /// `04/30/2021` and `30/04/2021`.
    case dayAndMonth
    /// Digits only, `20160701`.
    case digits

    /// Whether the order of the fields is known.
    var isOrdered: Bool { self != .dayAndMonth }
  }

  /// The form of a time of day.
  struct Clock: Sendable, Hashable {
    /// 1 for hours, 2 with minutes, 3 with seconds.
    var fields = 2
    /// The digits after the seconds.
    var fraction = 0
    /// Whether a `T` separates it from the date.
    var followsT = false
  }

  var form: Form
  /// The byte between the fields of the date.
  var separator: UInt8 = UInt8(ascii: "-")
  var year: Int
  /// The month, or the first of day and month.
  var first: UInt8 = 1
  /// The day, or the second of day and month.
  var second: UInt8 = 1
  /// The number of digits of the year.
  var yearDigits = 4
  /// Whether the month is a name.
  var hasName = false
  /// The seconds since midnight, in UTC if there is an offset; they may exceed a day.
  var seconds = 0.0
  /// The form of the time of day; nil without one.
  var clock: Clock?
  /// Whether there is a time zone.
  var hasZone = false

  /// The seconds since 1970; nil if there is no such day.
  func seconds(isMonthFirst: Bool) -> Double? {
    let isSwapped = form == .dayAndMonth && !isMonthFirst
    let (month, day) = isSwapped ? (Int(second), Int(first)) : (Int(first), Int(second))
    guard (1...12).contains(month), day >= 1, day <= CivilDate.days(inMonth: month, of: year) else { return nil }
    return Double(CivilDate(year: year, month: month, day: day).days) * Timestamp.day + seconds
  }
}

/// Reads times: ISO 8601 with a blank or `T`, dates with slashes or dots, months, quarters and English names of months.
struct TimeScanner {
  private let bytes: [UInt8]
  private var place: Int
  private let end: Int

  private init(_ bytes: [UInt8], _ range: Range<Int>) {
    var range = range
    while let first = range.first, bytes[first].isBlankOrTab { range = first + 1..<range.upperBound }
    while let last = range.last, bytes[last].isBlankOrTab { range = range.lowerBound..<last }
    (self.bytes, place, end) = (bytes, range.lowerBound, range.upperBound)
  }

  /// The time that the bytes are; nil if they are something else. A number of four digits is a year, one of eight a day.
  static func time(in bytes: [UInt8], _ range: Range<Int>) -> WrittenTime? {
    var scanner = TimeScanner(bytes, range)
    guard var time = scanner.date() else { return nil }
    if !scanner.isAtEnd {
      guard time.form == .yearMonthDay || time.form == .dayAndMonth, scanner.clock(&time) else { return nil }
    }
    return scanner.isAtEnd && (1...9999).contains(time.year) ? time : nil
  }

  private var isAtEnd: Bool { place == end }
  private var next: UInt8? { place < end ? bytes[place] : nil }

  private mutating func skip(_ byte: UInt8) -> Bool {
    guard next == byte else { return false }
    place += 1
    return true
  }

  private mutating func number() -> (value: Int, digits: Int)? {
    let start = place
    var value = 0
    while let byte = next, byte.isDigit, place - start < 9 {
      value = value * 10 + Int(byte - UInt8(ascii: "0"))
      place += 1
    }
    return place > start ? (value, place - start) : nil
  }

  private static let months = [
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december",
  ].map { Array($0.utf8) }

  /// The number of a month by its English name, of which three letters suffice.
  private mutating func monthByName() -> Int? {
    let start = place
    while let byte = next, byte.isLetter { place += 1 }
    let name = bytes[start..<place].map { $0 | 0x20 }
    if name.count >= 3, let month = Self.months.firstIndex(where: { $0.starts(with: name) }) {
      _ = skip(UInt8(ascii: "."))
      return month + 1
    }
    place = start
    return nil
  }

  // MARK: Dates

  private mutating func date() -> WrittenTime? {
    if skip(UInt8(ascii: "Q")) || skip(UInt8(ascii: "q")) {
      guard let quarter = number(), !isAtEnd, skipSeparator() != nil, let year = number(), year.digits == 4 else {
        return nil
      }
      return Self.quarter(quarter.value, of: year.value)
    }
    if let month = monthByName() { return dateAfterName(month) }
    guard let first = number() else { return nil }
    guard !isAtEnd else { return Self.digits(first.value, count: first.digits) }
    if first.digits == 4, let quarter = quarterAfterYear() { return Self.quarter(quarter, of: first.value) }
    guard let separator = skipSeparator() else { return nil }
    if let month = monthByName() { return date(first, separator, month) }
    guard let second = number(), second.digits <= 4 else { return nil }
    if skip(separator) {
      guard let third = number() else { return nil }
      if first.digits >= 3 {
        guard second.digits <= 2, third.digits <= 2 else { return nil }
        return WrittenTime(
          form: .yearMonthDay, separator: separator, year: first.value, first: UInt8(second.value),
          second: UInt8(third.value), yearDigits: first.digits)
      }
      guard second.digits <= 2, third.digits == 4 || third.digits == 2 else { return nil }
      return WrittenTime(
        form: .dayAndMonth, separator: separator, year: Self.century(third), first: UInt8(first.value),
        second: UInt8(second.value), yearDigits: third.digits)
    }
    // A point and two numbers are a decimal.
    guard isAtEnd, separator == UInt8(ascii: "-") || separator == UInt8(ascii: "/") else { return nil }
    let isYearLast = first.digits <= 2 && second.digits == 4
    let (year, month) = isYearLast ? (second, first) : (first, second)
    guard year.digits <= 4, month.digits <= 2, (1...12).contains(month.value) else { return nil }
    return WrittenTime(
      form: .yearMonth, separator: separator, year: year.value, first: UInt8(month.value), yearDigits: year.digits)
  }

  private mutating func skipSeparator() -> UInt8? {
    guard let byte = next, "-/. ".utf8.contains(byte) else { return nil }
    place += 1
    return byte
  }

  /// `Q1` or `-Q1`.
  private mutating func quarterAfterYear() -> Int? {
    let start = place
    _ = skipSeparator()
    if skip(UInt8(ascii: "Q")) || skip(UInt8(ascii: "q")), let quarter = number() { return quarter.value }
    place = start
    return nil
  }

  private static func quarter(_ quarter: Int, of year: Int) -> WrittenTime? {
    guard (1...4).contains(quarter) else { return nil }
    return WrittenTime(form: .quarter, year: year, first: UInt8(quarter * 3 - 2))
  }

  /// A year, or a day of eight digits.
  private static func digits(_ value: Int, count: Int) -> WrittenTime? {
    if count == 4 { return WrittenTime(form: .year, year: value) }
    guard count == 8, (1...12).contains(value / 100 % 100), (1...31).contains(value % 100) else { return nil }
    return WrittenTime(
      form: .digits, year: value / 10_000, first: UInt8(value / 100 % 100), second: UInt8(value % 100))
  }

  /// The year of two digits: 1969 to 2068, as POSIX has it.
  private static func century(_ year: (value: Int, digits: Int)) -> Int {
    year.digits > 2 ? year.value : year.value + (year.value < 69 ? 2000 : 1900)
  }

  /// `Jan 2020`, `Jan-20`, `Jan 1, 2020`.
  private mutating func dateAfterName(_ month: Int) -> WrittenTime? {
    guard skipSeparator() != nil, let first = number() else { return nil }
    var (day, year) = (1, first)
    if !isAtEnd {
      _ = skip(UInt8(ascii: ","))
      guard skipSeparator() != nil, let second = number() else { return nil }
      (day, year) = (first.value, second)
      guard first.digits <= 2 else { return nil }
    }
    guard year.digits == 4 || year.digits == 2 else { return nil }
    return WrittenTime(
      form: isAtEnd && day == 1 && year == first ? .yearMonth : .yearMonthDay, year: Self.century(year),
      first: UInt8(month), second: UInt8(day), hasName: true)
  }

  /// `1-Jan-2020`, `2020 Jan`, `2020-Jan-01`; `1-Jan` is month 1 of year 1.
  private mutating func date(_ first: (value: Int, digits: Int), _ separator: UInt8, _ month: Int) -> WrittenTime? {
    var time = WrittenTime(
      form: .yearMonth, year: first.value, first: UInt8(month), yearDigits: first.digits, hasName: true)
    guard skip(separator) else { return isAtEnd ? time : nil }
    guard let last = number() else { return nil }
    let (day, year) = first.digits == 4 ? (last, first) : (first, last)
    guard day.digits <= 2, year.digits == 4 || year.digits == 2 else { return nil }
    (time.form, time.year, time.second) = (.yearMonthDay, Self.century(year), UInt8(day.value))
    return time
  }

  // MARK: Times of day

  /// Reads a time of day and an offset after a date.
  private mutating func clock(_ time: inout WrittenTime) -> Bool {
    var clock = WrittenTime.Clock()
    clock.followsT = skip(UInt8(ascii: "T")) || skip(UInt8(ascii: "t"))
    if !clock.followsT {
      guard next == .blank || next == UInt8(ascii: ":") else { return false }
      place += 1
      while skip(.blank) {}
    }
    guard let hour = number(), hour.digits <= 2, hour.value <= 24 else { return false }
    clock.fields = 1
    var seconds = hour.value * 3600
    if skip(UInt8(ascii: ":")) {
      guard let minute = number(), minute.digits <= 2, minute.value < 60 else { return false }
      clock.fields = 2
      seconds += minute.value * 60
      if skip(UInt8(ascii: ":")) {
        // 60 is a leap second.
        guard let second = number(), second.digits <= 2, second.value <= 60 else { return false }
        clock.fields = 3
        seconds += second.value
      }
    }
    time.seconds = Double(seconds)
    if clock.fields == 3, skip(UInt8(ascii: ".")) || skip(UInt8(ascii: ",")) {
      guard let fraction = number() else { return false }
      time.seconds += Double(fraction.value) / (0..<fraction.digits).reduce(1.0) { scale, _ in scale * 10 }
      clock.fraction = fraction.digits
    }
    while skip(.blank) {}
    if let isAfternoon = half() {
      guard (1...12).contains(hour.value) else { return false }
      time.seconds += Double((hour.value % 12 - hour.value + (isAfternoon ? 12 : 0)) * 3600)
      while skip(.blank) {}
    } else if hour.value == 24, seconds != 86_400 {
      return false
    }
    time.clock = clock
    return isAtEnd || zone(&time)
  }

  /// Whether `PM` follows, or `AM`; nil for neither.
  private mutating func half() -> Bool? {
    guard place + 1 < end, bytes[place + 1] | 0x20 == UInt8(ascii: "m"), bytes[place].isLetter else { return nil }
    let letter = bytes[place] | 0x20
    guard letter == UInt8(ascii: "a") || letter == UInt8(ascii: "p") else { return nil }
    place += 2
    return letter == UInt8(ascii: "p")
  }

  /// Reads `Z`, `UTC`, `GMT`, or an offset like `+01:00`, which is subtracted.
  private mutating func zone(_ time: inout WrittenTime) -> Bool {
    time.hasZone = true
    let rest = bytes[place..<end]
    if ["Z", "z", "UTC", "GMT"].contains(where: { rest.elementsEqual($0.utf8) }) {
      place = end
      return true
    }
    let isWest = next == UInt8(ascii: "-")
    guard isWest || next == UInt8(ascii: "+") else { return false }
    place += 1
    guard let first = number() else { return false }
    var (hours, minutes) = (first.value, 0)
    if first.digits == 4 {
      (hours, minutes) = (first.value / 100, first.value % 100)
    } else {
      guard first.digits <= 2 else { return false }
      if skip(UInt8(ascii: ":")) {
        guard let second = number(), second.digits == 2 else { return false }
        minutes = second.value
      }
    }
    guard hours <= 15, minutes < 60 else { return false }
    time.seconds -= Double((isWest ? -1 : 1) * (hours * 3600 + minutes * 60))
    return true
  }
}

extension UInt8 {
  /// Whether the byte is a letter of ASCII.
  var isLetter: Bool { self | 0x20 >= UInt8(ascii: "a") && self | 0x20 <= UInt8(ascii: "z") }
}
