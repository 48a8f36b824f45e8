/// Reads a DNS message with TXT records (RFC 1035, section 4.1).
enum TextRecordMessage {
  /// The TXT records of the answer, each with its strings joined; `nil` if the message is damaged.
  ///
  /// Records of other types, such as the aliases that led to these, are passed over.
  static func records(in message: ArraySlice<UInt8>) -> [[UInt8]]? {
    var reader = Reader(message)
    guard reader.skip(4), let questions = reader.number(), let answers = reader.number(),
      reader.skip(4)
    else { return nil }
    for _ in 0..<questions {
      guard reader.skipName(), reader.skip(4) else { return nil }
    }
    var records: [[UInt8]] = []
    for _ in 0..<answers {
      guard reader.skipName(), let type = reader.number(), let network = reader.number(),
        reader.skip(4), let length = reader.number(), let data = reader.take(length)
      else { return nil }
      guard type == textType, network == internetClass else { continue }
      guard let text = joined(data) else { return nil }
      records.append(text)
    }
    return records
  }

  private static let textType = 16
  private static let internetClass = 1

  /// The bytes of a record's strings, each of which has its length in the byte before it; `nil` if
  /// they do not fill the record (section 3.3.14).
  private static func joined(_ data: ArraySlice<UInt8>) -> [UInt8]? {
    var text: [UInt8] = []
    var rest = data
    while let length = rest.popFirst() {
      guard rest.count >= length else { return nil }
      text += rest.prefix(Int(length))
      rest = rest.dropFirst(Int(length))
    }
    return text
  }

  /// Reads the bytes in order, and none behind the end.
  private struct Reader {
    private var rest: ArraySlice<UInt8>

    init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

    /// The next bytes; `nil` if there are fewer.
    mutating func take(_ count: Int) -> ArraySlice<UInt8>? {
      guard rest.count >= count else { return nil }
      defer { rest = rest.dropFirst(count) }
      return rest.prefix(count)
    }

    mutating func skip(_ count: Int) -> Bool { take(count) != nil }

    /// A number of two bytes.
    mutating func number() -> Int? {
      take(2).map { $0.reduce(0) { $0 << 8 | Int($1) } }
    }

    /// Skips a name: labels, and at its end an empty one, or a pointer to labels before it, which need
    /// not be followed (section 4.1.4).
    mutating func skipName() -> Bool {
      while let length = rest.popFirst() {
        switch length {
        case 0: return true
        case 1...63: guard skip(Int(length)) else { return false }
        case 0xc0...: return skip(1)
        default: return false
        }
      }
      return false
    }
  }
}
