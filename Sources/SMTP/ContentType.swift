internal import Base

/// The type of a message or part, with its parameters (RFC 2045, section 5.1).
struct ContentType: Equatable, Sendable {
  /// Type and subtype, in lower case: `multipart/report`.
  let name: String

  /// Names in lower case, and values without quotes.
  private let parameters: [(name: String, value: String)]

  static func == (left: ContentType, right: ContentType) -> Bool {
    left.name == right.name && left.parameters.elementsEqual(right.parameters) { $0 == $1 }
  }

  /// The type of what has a header; plain text without a field.
  init(_ header: ReceivedHeader) {
    guard let field = header.bytes(of: "content-type") else {
      (name, parameters) = ("text/plain", [])
      return
    }
    var words = Self.split(field).map(ReceivedHeader.trimmed)
    name =
      words.isEmpty ? "" : String(decoding: words.removeFirst().map(\.lowercased), as: UTF8.self)
    parameters = words.compactMap { word in
      guard let equals = word.firstIndex(of: UInt8(ascii: "=")) else { return nil }
      return (
        String(
          decoding: ReceivedHeader.trimmed(word[..<equals]).map(\.lowercased), as: UTF8.self),
        Self.unquoted(ReceivedHeader.trimmed(word[(equals + 1)...]))
      )
    }
  }

  /// The value of a parameter.
  subscript(parameter name: String) -> String? { parameters.first { $0.name == name }?.value }

  /// The pieces between semicolons outside quotes.
  private static func split(_ field: ArraySlice<UInt8>) -> [ArraySlice<UInt8>] {
    var pieces: [ArraySlice<UInt8>] = []
    var start = field.startIndex
    var isQuoted = false
    var isEscaped = false
    for index in field.indices {
      let byte = field[index]
      if isEscaped {
        isEscaped = false
      } else if byte == UInt8(ascii: "\\"), isQuoted {
        isEscaped = true
      } else if byte == UInt8(ascii: "\"") {
        isQuoted.toggle()
      } else if byte == UInt8(ascii: ";"), !isQuoted {
        pieces.append(field[start..<index])
        start = index + 1
      }
    }
    return pieces + [field[start...]]
  }

  /// A value without its quotes and the backslashes before quoted characters.
  private static func unquoted(_ value: ArraySlice<UInt8>) -> String {
    guard value.first == UInt8(ascii: "\"") else { return String(decoding: value, as: UTF8.self) }
    var output: [UInt8] = []
    var isEscaped = false
    for byte in value.dropFirst() {
      if isEscaped {
        output.append(byte)
        isEscaped = false
      } else if byte == UInt8(ascii: "\\") {
        isEscaped = true
      } else if byte == UInt8(ascii: "\"") {
        break
      } else {
        output.append(byte)
      }
    }
    return String(decoding: output, as: UTF8.self)
  }
}
