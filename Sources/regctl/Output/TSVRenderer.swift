internal import Base
internal import RegctlCore

/// Writes values as tab-separated text: tab, newline and backslash escaped, times in RFC 3339.
///
/// For a terminal, dangerous characters are also escaped, as in text.
enum TSVRenderer {
  /// Appends a row with its line end.
  static func append(
    _ values: some Sequence<ReportValue>, isTerminal: Bool = false, to output: inout [UInt8]
  ) {
    var isFirst = true
    for value in values {
      if !isFirst { output.append(UInt8(ascii: "\t")) }
      isFirst = false
      if isTerminal {
        var field: [UInt8] = []
        append(value, to: &field)
        output += TerminalText.escape(String(decoding: field, as: UTF8.self)).utf8
      } else {
        append(value, to: &output)
      }
    }
    output.append(UInt8(ascii: "\n"))
  }

  /// Appends a field.
  static func append(_ value: ReportValue, to output: inout [UInt8]) {
    switch value {
    case .null: break
    case .boolean(let boolean): output += (boolean ? "true" : "false").utf8
    case .integer(let integer): output += String(integer).utf8
    case .text(let text): append(utf8: text.utf8, to: &output)
    case .instant(let instant): instant.appendRFC3339(to: &output)
    case .local(let local): local.appendLocal(to: &output)
    case .duration(let duration): output += String(duration.wholeSeconds).utf8
    case .list, .object:
      var json: [UInt8] = []
      JSONRenderer.append(value, to: &json)
      append(utf8: json, to: &output)
    }
  }

  private static func append(utf8 text: some Collection<UInt8>, to output: inout [UInt8]) {
    guard text.contains(where: isEscaped) else {
      output += text
      return
    }
    for byte in text {
      switch byte {
      case UInt8(ascii: "\t"): output += "\\t".utf8
      case UInt8(ascii: "\n"): output += "\\n".utf8
      case UInt8(ascii: "\r"): output += "\\r".utf8
      case UInt8(ascii: "\\"): output += "\\\\".utf8
      default: output.append(byte)
      }
    }
  }

  private static func isEscaped(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: "\\") || byte == UInt8(ascii: "\t") || byte == UInt8(ascii: "\n")
      || byte == UInt8(ascii: "\r")
  }

  /// The fields of an object as columns of one row, with dots in the names of nested fields.
  static func flattened(_ fields: [ReportField], prefix: String = "") -> [ReportField] {
    fields.flatMap { field -> [ReportField] in
      if case .object(let inner) = field.value {
        return flattened(inner, prefix: "\(prefix)\(field.name).")
      }
      return [ReportField(prefix + field.name, field.value)]
    }
  }
}
