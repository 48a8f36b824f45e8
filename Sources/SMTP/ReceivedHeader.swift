internal import Base

/// The header of a received message, of one of its parts, or a group of fields of a report, with
/// folded lines joined (RFC 5322, section 2.2.3).
///
/// Lines end in CRLF or LF. A line without a colon is taken for a field without a body.
package struct ReceivedHeader: Equatable, Sendable {
  private struct Field: Equatable {
    /// In lower case.
    let name: [UInt8]
    var body: [UInt8]
  }

  /// More fields than any mail has; those after it are left out.
  static let maximumFieldCount = 1000

  private var fields: [Field] = []

  /// The offset behind the empty line that ends the header.
  private(set) var end: Int

  /// Reads the fields up to an empty line, or to the end.
  init(_ bytes: ArraySlice<UInt8>) {
    var lines = TextLines(bytes)
    end = bytes.endIndex
    while let line = lines.next() {
      guard let first = line.first else {
        end = lines.position
        return
      }
      if Self.isBlank(first) {
        if let last = fields.indices.last { fields[last].body += line }
        continue
      }
      guard fields.count < Self.maximumFieldCount else { continue }
      let colon = line.firstIndex(of: UInt8(ascii: ":")) ?? line.endIndex
      fields.append(
        Field(
          name: Self.trimmed(line[..<colon]).map(\.lowercased),
          body: Array(line[colon...].dropFirst())))
    }
  }

  /// Whether there is no field.
  var isEmpty: Bool { fields.isEmpty }

  /// The body of the first field with a name, which is given in lower case, without surrounding blanks;
  /// `nil` without one.
  package subscript(name: String) -> String? {
    bytes(of: name).map { String(decoding: $0, as: UTF8.self) }
  }

  /// The same as bytes.
  func bytes(of name: String) -> ArraySlice<UInt8>? {
    fields.first { $0.name.elementsEqual(name.utf8) }.map { Self.trimmed($0.body[...]) }
  }

  private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }

  /// Some bytes without surrounding spaces and tabulators.
  static func trimmed(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    var bytes = bytes.drop(while: isBlank)
    while let last = bytes.last, isBlank(last) { bytes.removeLast() }
    return bytes
  }
}
