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

  /// Whether some bytes come before others, compared as unsigned numbers; `nil` if they are the same.
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

  /// `0000-00-` and `00 00:00`, of which the first byte is the lowest.
  private static let dateForm: UInt64 = 0x2d30_302d_3030_3030
  private static let timeForm: UInt64 = 0x3030_3a30_3020_3030

  /// What must be added to the value of a digit, or to 0 in the place of a mark, to reach 0x7f at most.
  private static let dateRoom: UInt64 = 0x7f76_767f_7676_7676
  private static let timeRoom: UInt64 = 0x7676_7f76_767f_7676

  /// Appends a UTC date as a database has it, `2026-11-23 09:00:00` with or without six digits of a
  /// fraction, in RFC 3339 format; returns `false` and appends nothing for any other text.
  package static func appendRFC3339(
    copying text: UnsafeRawBufferPointer, to output: inout [UInt8]
  ) -> Bool {
    guard unsafe isDate(text) else { return false }
    unsafe output.append(contentsOf: text[0..<10])
    output.append(UInt8(ascii: "T"))
    unsafe output.append(contentsOf: text[11..<19])
    output.append(UInt8(ascii: "Z"))
    return true
  }

  private static func isDate(_ text: UnsafeRawBufferPointer) -> Bool {
    guard text.count == 19 || text.count == 26 else { return false }
    let date = unsafe word(text, at: 0) ^ dateForm
    let time = unsafe word(text, at: 8) ^ timeForm
    let (dateSum, timeSum) = (date &+ dateRoom, time &+ timeRoom)
    guard (date | time | dateSum | timeSum) & highBits == 0,
      unsafe text[16] == UInt8(ascii: ":"), unsafe text[17].isDigit, unsafe text[18].isDigit
    else { return false }
    let year = unsafe number(text, at: 0) * 100 + number(text, at: 2)
    let (month, day) = unsafe (number(text, at: 5), number(text, at: 8))
    let (hour, minute) = unsafe (number(text, at: 11), number(text, at: 14))
    let second = unsafe number(text, at: 17)
    guard CivilDate.isDay(year: year, month: month, day: day), hour < 24, minute < 60, second < 60
    else { return false }
    return unsafe text.count == 19
      || text[19] == UInt8(ascii: ".") && text[20..<26].allSatisfy(\.isDigit)
  }

  private static func word(_ text: UnsafeRawBufferPointer, at place: Int) -> UInt64 {
    unsafe UInt64(littleEndian: text.loadUnaligned(fromByteOffset: place, as: UInt64.self))
  }

  /// The number of two digits.
  private static func number(_ text: UnsafeRawBufferPointer, at place: Int) -> Int {
    let (tens, ones) = unsafe (text[place], text[place + 1])
    return Int(tens - UInt8(ascii: "0")) * 10 + Int(ones - UInt8(ascii: "0"))
  }
}
