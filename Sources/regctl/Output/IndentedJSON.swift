internal import Base

/// Writes values as JSON for people, a member a line.
enum IndentedJSON {
  /// Appends an object and a newline.
  static func append(_ fields: [ReportField], to output: inout [UInt8]) {
    append(.object(fields), indent: 0, to: &output)
    output.append(UInt8(ascii: "\n"))
  }

  private static func append(_ value: ReportValue, indent: Int, to output: inout [UInt8]) {
    switch value {
    case .object(let fields) where !fields.isEmpty:
      enclose("{", "}", fields, indent: indent, to: &output) { field, output in
        JSONRenderer.appendKey(field.name, to: &output)
        output.append(UInt8(ascii: " "))
        append(field.value, indent: indent + 2, to: &output)
      }
    case .list(let values) where !values.isEmpty:
      enclose("[", "]", values, indent: indent, to: &output) { value, output in
        append(value, indent: indent + 2, to: &output)
      }
    default: JSONRenderer.append(value, to: &output)
    }
  }

  private static func enclose<Element>(
    _ opening: String, _ closing: String, _ elements: [Element], indent: Int,
    to output: inout [UInt8], _ body: (Element, inout [UInt8]) -> Void
  ) {
    output += opening.utf8
    for (index, element) in elements.enumerated() {
      output += (index > 0 ? ",\n" : "\n").utf8
      output += String(repeating: " ", count: indent + 2).utf8
      body(element, &output)
    }
    output += "\n\(String(repeating: " ", count: indent))\(closing)".utf8
  }
}
