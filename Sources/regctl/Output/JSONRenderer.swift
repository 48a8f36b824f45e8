internal import Base
internal import RegctlCore

/// Writes values as JSON (RFC 8259), with keys in the given order and explicit `null`.
enum JSONRenderer {
  /// Appends an object.
  static func append(_ fields: [ReportField], to output: inout [UInt8]) {
    output.append(UInt8(ascii: "{"))
    appendMembers(fields, to: &output)
    output.append(UInt8(ascii: "}"))
  }

  /// Appends the members of an object without its braces.
  static func appendMembers(_ fields: [ReportField], to output: inout [UInt8]) {
    var isFirst = true
    for field in fields {
      if !isFirst { output.append(UInt8(ascii: ",")) }
      isFirst = false
      appendKey(field.name, to: &output)
      append(field.value, to: &output)
    }
  }

  /// The encoded keys of columns, with the comma between members and the colon.
  static func keys(of columns: some Collection<Column>) -> [[UInt8]] {
    columns.enumerated().map { index, column in
      var key: [UInt8] = index > 0 ? [UInt8(ascii: ",")] : []
      appendKey(column.name, to: &key)
      return key
    }
  }

  static func appendKey(_ name: String, to output: inout [UInt8]) {
    append(text: name, to: &output)
    output.append(UInt8(ascii: ":"))
  }

  static func append(_ value: ReportValue, to output: inout [UInt8]) {
    switch value {
    case .null: output += "null".utf8
    case .boolean(let boolean): output += (boolean ? "true" : "false").utf8
    case .integer(let integer): output += String(integer).utf8
    case .text(let text): append(text: text, to: &output)
    case .instant(let instant):
      output.append(UInt8(ascii: "\""))
      instant.appendRFC3339(to: &output)
      output.append(UInt8(ascii: "\""))
    case .local(let local):
      output.append(UInt8(ascii: "\""))
      local.appendLocal(to: &output)
      output.append(UInt8(ascii: "\""))
    case .duration(let duration): output += String(duration.wholeSeconds).utf8
    case .list(let values):
      output.append(UInt8(ascii: "["))
      for (index, value) in values.enumerated() {
        if index > 0 { output.append(UInt8(ascii: ",")) }
        append(value, to: &output)
      }
      output.append(UInt8(ascii: "]"))
    case .object(let fields): append(fields, to: &output)
    }
  }

  static func append(text: String, to output: inout [UInt8]) {
    append(utf8: text.utf8, to: &output)
  }

  /// Appends UTF-8 text as a JSON string.
  ///
  /// Characters that are dangerous on a terminal are escaped; a JSON parser reads the same text.
  static func append(utf8 text: some Collection<UInt8>, to output: inout [UInt8]) {
    output.append(UInt8(ascii: "\""))
    if text.allSatisfy(isPlain) {
      output += text
    } else {
      for scalar in String(decoding: text, as: UTF8.self).unicodeScalars {
        append(scalar, to: &output)
      }
    }
    output.append(UInt8(ascii: "\""))
  }

  /// Whether a byte is an ASCII character that needs no escape in a string.
  private static func isPlain(_ byte: UInt8) -> Bool {
    byte >= 0x20 && byte < 0x7f && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
  }

  private static func append(_ scalar: Unicode.Scalar, to output: inout [UInt8]) {
    switch scalar {
    case "\"": output += "\\\"".utf8
    case "\\": output += "\\\\".utf8
    case "\n": output += "\\n".utf8
    case "\r": output += "\\r".utf8
    case "\t": output += "\\t".utf8
    case _ where TerminalText.isDangerous(scalar):
      // A character outside the BMP is a surrogate pair (RFC 8259, section 7).
      for unit in scalar.utf16 {
        let digits = String(unit, radix: 16)
        output += "\\u\(String(repeating: "0", count: 4 - digits.count))\(digits)".utf8
      }
    default: output += scalar.utf8
    }
  }
}
