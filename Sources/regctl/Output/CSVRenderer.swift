internal import Base
internal import RegctlCore

/// Writes values as CSV (RFC 4180), with times in RFC 3339; `null` is an empty field.
///
/// A program for spreadsheets takes text that begins with certain characters for a formula, and an
/// address may: such text gets an apostrophe, which these programs hide, unless it is to be
/// unchanged.
enum CSVRenderer {
  /// Appends a record with its line end.
  static func append(
    _ values: some Sequence<ReportValue>, isUnchanged: Bool, isTerminal: Bool,
    to output: inout [UInt8]
  ) {
    var isFirst = true
    for value in values {
      if !isFirst { output.append(UInt8(ascii: ",")) }
      isFirst = false
      let text = text(of: value, isUnchanged: isUnchanged)
      append(isTerminal ? TerminalText.escape(text) : text, to: &output)
    }
    output += "\r\n".utf8
  }

  private static func text(of value: ReportValue, isUnchanged: Bool) -> String {
    var bytes: [UInt8] = []
    switch value {
    case .text(let text): return isUnchanged || !isFormula(text) ? text : "'" + text
    case .list, .object: JSONRenderer.append(value, to: &bytes)
    case .null, .boolean, .integer, .instant, .local, .duration:
      TSVRenderer.append(value, to: &bytes)
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Whether a program for spreadsheets may take a text for a formula.
  private static func isFormula(_ text: String) -> Bool {
    text.utf8.first.map { "=+-@\t\r".utf8.contains($0) } ?? false
  }

  /// Appends a field, in quotes if it needs them.
  private static func append(_ field: String, to output: inout [UInt8]) {
    guard field.utf8.contains(where: { ",\"\r\n".utf8.contains($0) }) else {
      output += field.utf8
      return
    }
    output.append(UInt8(ascii: "\""))
    for byte in field.utf8 {
      if byte == UInt8(ascii: "\"") { output.append(byte) }
      output.append(byte)
    }
    output.append(UInt8(ascii: "\""))
  }
}
