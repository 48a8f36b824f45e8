/// Checks of text, eight bytes at a time, for output that copies most of it as it is.
package enum PlainBytes {
  private static let ones: UInt64 = 0x0101_0101_0101_0101
  private static let highBits: UInt64 = 0x8080_8080_8080_8080

  /// Whether every byte is of ASCII, and none is a control character below 0x20 or a backslash.
  package static func arePlain(_ bytes: UnsafeRawBufferPointer) -> Bool {
    var place = 0
    while place + 8 <= bytes.count {
      let word = unsafe bytes.loadUnaligned(fromByteOffset: place, as: UInt64.self)
      if !isPlain(word) { return false }
      place += 8
    }
    while place < bytes.count {
      let byte = unsafe bytes[place]
      if byte < 0x20 || byte >= 0x80 || byte == UInt8(ascii: "\\") { return false }
      place += 1
    }
    return true
  }

  /// A byte below a bound of at most 0x80 sets its high bit when the bound is subtracted, if it had
  /// none (Warren, Hacker's Delight, 6-1). A borrow needs such a byte below, so that the answer for
  /// the whole word is right.
  private static func isPlain(_ word: UInt64) -> Bool {
    let control = word &- ones &* 0x20
    let other = word ^ (ones &* UInt64(UInt8(ascii: "\\")))
    let backslash = (other &- ones) & ~other
    return (word | control | backslash) & highBits == 0
  }

  /// Whether some bytes come before others, compared as SQLite compares texts; `nil` if they are the
  /// same.
  package static func precede(
    _ bytes: UnsafeRawBufferPointer, _ others: UnsafeRawBufferPointer
  ) -> Bool? {
    let count = min(bytes.count, others.count)
    var place = 0
    while place + 8 <= count {
      let one = unsafe UInt64(
        bigEndian: bytes.loadUnaligned(fromByteOffset: place, as: UInt64.self))
      let other = unsafe UInt64(
        bigEndian: others.loadUnaligned(fromByteOffset: place, as: UInt64.self))
      if one != other { return one < other }
      place += 8
    }
    while place < count {
      let (one, other) = unsafe (bytes[place], others[place])
      if one != other { return one < other }
      place += 1
    }
    return bytes.count == others.count ? nil : bytes.count < others.count
  }

  // MARK: Dates

  private static let dateForm = word("0000-00-")
  private static let timeForm = word("00 00:00")

  /// What must be added to a digit's value, or to 0 in the place of a mark, to reach 0x7f at most.
  private static let dateRoom = room("0000-00-")
  private static let timeRoom = room("00 00:00")

  /// Appends a UTC date as a database has it, `2026-11-23 09:00:00` with or without six digits of a
  /// fraction, in RFC 3339 format; returns `false` and appends nothing for any other text.
  package static func appendRFC3339(
    copying text: UnsafeRawBufferPointer, to output: inout [UInt8]
  ) -> Bool {
    guard isDate(text) else { return false }
    unsafe output.append(contentsOf: text[0..<10])
    output.append(UInt8(ascii: "T"))
    unsafe output.append(contentsOf: text[11..<19])
    output.append(UInt8(ascii: "Z"))
    return true
  }

  private static func isDate(_ text: UnsafeRawBufferPointer) -> Bool {
    guard text.count == 19 || text.count == 26 else { return false }
    let date = unsafe text.loadUnaligned(fromByteOffset: 0, as: UInt64.self) ^ dateForm
    let time = unsafe text.loadUnaligned(fromByteOffset: 8, as: UInt64.self) ^ timeForm
    guard (date | time) & highBits == 0, (date &+ dateRoom | time &+ timeRoom) & highBits == 0,
      unsafe text[16] == UInt8(ascii: ":"), let second = number(text, at: 17), second < 60,
      let year = number(text, at: 0).flatMap({ century in
        number(text, at: 2).map { century * 100 + $0 }
      }), let month = number(text, at: 5), let day = number(text, at: 8),
      CivilDate.isDay(year: year, month: month, day: day),
      let hour = number(text, at: 11), hour < 24, let minute = number(text, at: 14), minute < 60
    else { return false }
    return unsafe text.count == 19
      || text[19] == UInt8(ascii: ".") && text[20..<26].allSatisfy(\.isDigit)
  }

  /// The number of two digits.
  private static func number(_ text: UnsafeRawBufferPointer, at place: Int) -> Int? {
    let tens = unsafe text[place] &- UInt8(ascii: "0")
    let ones = unsafe text[place + 1] &- UInt8(ascii: "0")
    return tens < 10 && ones < 10 ? Int(tens * 10 + ones) : nil
  }

  private static func word(_ form: StaticString) -> UInt64 {
    unsafe UnsafeRawPointer(form.utf8Start).loadUnaligned(as: UInt64.self)
  }

  private static func room(_ form: StaticString) -> UInt64 {
    let bytes: [UInt8] = unsafe form.withUTF8Buffer { form in
      unsafe form.map { $0.isDigit ? 0x7f - 9 : 0x7f }
    }
    return unsafe bytes.withUnsafeBytes { unsafe $0.loadUnaligned(as: UInt64.self) }
  }
}
