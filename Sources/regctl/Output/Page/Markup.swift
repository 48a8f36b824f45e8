/// A piece of an HTML page: text, which is escaped, or an element.
indirect enum Markup: Equatable, Sendable, ExpressibleByStringInterpolation {
  case text(String)
  case element(String, [Attribute], [Markup])

  /// A style sheet, which HTML reads without escapes; only a constant can be one.
  case styleSheet(String)

  /// An attribute of an element.
  struct Attribute: Equatable, Sendable {
    let name: String
    let value: String
  }

  init(stringLiteral text: String) { self = .text(text) }

  /// Creates an element; attributes without a value are left out.
  init(
    _ name: String, _ attributes: KeyValuePairs<String, String?> = [:], _ children: [Markup] = []
  ) {
    self = .element(
      name, attributes.compactMap { name, value in value.map { Attribute(name: name, value: $0) } },
      children)
  }

  /// Creates an element that contains text only.
  init(_ name: String, _ attributes: KeyValuePairs<String, String?> = [:], _ text: String) {
    self.init(name, attributes, [.text(text)])
  }

  /// Creates the style element of a page.
  init(styleSheet: StaticString) { self = .element("style", [], [.styleSheet("\(styleSheet)")]) }

  // MARK: Rendering

  /// The elements without content, which have no end tag.
  private static let empty: Set<String> = ["meta", "link", "br"]

  /// The elements that begin a line of their own.
  private static let blocks: Set<String> = [
    "html", "head", "meta", "title", "link", "style", "body", "header", "main", "footer", "section",
    "h1", "h2", "h3", "p", "ul", "li", "dl", "div", "figure", "figcaption", "svg", "details",
    "table", "thead", "tbody", "tr", "g", "rect", "path", "line",
  ]

  /// Appends the piece as HTML.
  func append(to output: inout [UInt8]) {
    switch self {
    case .text(let text): Self.append(text, to: &output)
    case .styleSheet(let text): output += text.utf8
    case .element(let name, let attributes, let children):
      if Self.blocks.contains(name), output.last != UInt8(ascii: "\n") {
        output.append(UInt8(ascii: "\n"))
      }
      output += "<\(name)".utf8
      for attribute in attributes {
        output += " \(attribute.name)=\"".utf8
        Self.append(attribute.value, to: &output)
        output.append(UInt8(ascii: "\""))
      }
      output.append(UInt8(ascii: ">"))
      if Self.empty.contains(name) { return }
      for child in children { child.append(to: &output) }
      output += "</\(name)>".utf8
    }
  }

  /// Appends text with the characters escaped that mean something in HTML, and those that could hide
  /// or reverse other text.
  private static func append(_ text: String, to output: inout [UInt8]) {
    for byte in TerminalText.escape(text).utf8 {
      switch byte {
      case UInt8(ascii: "&"): output += "&amp;".utf8
      case UInt8(ascii: "<"): output += "&lt;".utf8
      case UInt8(ascii: ">"): output += "&gt;".utf8
      case UInt8(ascii: "\""): output += "&quot;".utf8
      case UInt8(ascii: "'"): output += "&#39;".utf8
      default: output.append(byte)
      }
    }
  }
}
