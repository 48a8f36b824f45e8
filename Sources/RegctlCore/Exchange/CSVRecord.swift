/// A record of comma-separated values (RFC 4180), with or without quotes around fields.
package enum CSVRecord {
  /// The reason why bytes are not a record.
  package enum Fault: Error, Equatable, Sendable {
    case notUTF8
    /// The record ends inside quotes; it may continue on the next line.
    case openQuote
    /// A quote inside a field without quotes, or text after the closing quote.
    case strayQuote
  }

  private static let quote = UInt8(ascii: "\"")
  private static let comma = UInt8(ascii: ",")

  /// Parses the fields of a record without its last line end; a carriage return there is skipped.
  ///
  /// An empty field without quotes is `nil`: in the application's own columns it means `NULL`.
  static func read(_ bytes: Span<UInt8>, into fields: inout [String?]) throws(Fault) {
    fields.removeAll(keepingCapacity: true)
    let end = bytes.count - (bytes.count > 0 && bytes[bytes.count - 1] == 0x0d ? 1 : 0)
    var place = 0
    while true {
      if place < end, bytes[place] == quote {
        place += 1
        // A final carriage return belongs to a field only if its quotes are still open.
        fields.append(try quoted(bytes, &place))
      } else {
        let start = place
        while place < end, bytes[place] != comma {
          guard bytes[place] != quote else { throw .strayQuote }
          place += 1
        }
        guard let text = bytes.extracting(start..<place).text else { throw .notUTF8 }
        fields.append(text.isEmpty ? nil : text)
      }
      guard place < end else { return }
      guard bytes[place] == comma else { throw .strayQuote }
      place += 1
    }
  }

  /// Reads past the closing quote; a quote inside is doubled.
  private static func quoted(_ bytes: Span<UInt8>, _ place: inout Int) throws(Fault) -> String {
    let start = place
    var hasQuotes = false
    while true {
      guard place < bytes.count else { throw .openQuote }
      if bytes[place] == quote {
        guard place + 1 < bytes.count, bytes[place + 1] == quote else { break }
        hasQuotes = true
        place += 1
      }
      place += 1
    }
    guard let text = bytes.extracting(start..<place).text else { throw .notUTF8 }
    place += 1
    guard hasQuotes else { return text }
    var content: [UInt8] = []
    var isSecond = false
    for byte in text.utf8 {
      isSecond = byte == quote && !isSecond
      if !isSecond { content.append(byte) }
    }
    return String(decoding: content, as: UTF8.self)
  }
}

extension Span<UInt8> {
  /// The bytes as text; `nil` when they are not UTF-8.
  fileprivate var text: String? {
    unsafe withUnsafeBufferPointer { bytes in
      // Validation takes ten times as long as this check that all bytes are ASCII.
      unsafe bytes.allSatisfy { $0 < 0x80 }
        ? String(decoding: bytes, as: UTF8.self) : String(validating: bytes, as: UTF8.self)
    }
  }
}
