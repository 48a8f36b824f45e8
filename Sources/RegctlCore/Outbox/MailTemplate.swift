internal import Base

/// A mail text with placeholders, in the syntax of the application's own templates.
package struct MailTemplate: Equatable, Sendable {
  /// A placeholder in a template.
  package enum Placeholder: String, CaseIterable, Sendable {
    case confirmURL = "confirm_url"
    case resetURL = "reset_url"
    case changeEmailURL = "change_email_url"
    case inviteURL = "invite_url"
    case email
    case serviceName = "service_name"
    case supportAddress = "support_address"
    case expiresIn = "expires_in"
    case deletionDate = "deletion_date"
  }

  /// The escaping of inserted text.
  package enum Escaping: Sendable { case none, html }

  private enum Piece: Equatable {
    case literal(String)
    case placeholder(Placeholder)
  }

  /// The text of an initial line `Subject: …`.
  private let subject: [Piece]?
  private let body: [Piece]
  private let escaping: Escaping

  /// Whether each line of the body is a paragraph, which is wrapped.
  private let isWrapped: Bool

  /// Parses a template; rejects placeholders unknown to its kind, and a missing link.
  package init(
    _ text: String, name: String, kind: MailKind = .confirm, escaping: Escaping,
    isWrapped: Bool = false
  ) throws(TemplateError) {
    var lines = Array(text.utf8).split(
      separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false
    )
    .map { line in line.last == UInt8(ascii: "\r") ? line.dropLast() : line }
    var subject: [Piece]?
    var firstLine = 1
    if let first = lines.first, first.starts(with: "Subject: ".utf8) {
      guard !first.contains(where: \.isControl) else {
        throw TemplateError(name: name, line: 1, fault: .controlByte)
      }
      subject = try Self.pieces(
        of: first.dropFirst("Subject: ".utf8.count), name: name, kind: kind, line: 1)
      lines.removeFirst()
      firstLine = 2
      if lines.first?.isEmpty == true {
        lines.removeFirst()
        firstLine = 3
      }
    }
    let joined = Array(lines.joined(separator: [UInt8(ascii: "\n")]))
    body = try Self.pieces(of: joined[...], name: name, kind: kind, line: firstLine)
    self.subject = subject
    self.escaping = escaping
    self.isWrapped = isWrapped
    if let link = kind.link, !body.contains(.placeholder(link)) {
      throw TemplateError(name: name, line: nil, fault: .missing(link))
    }
  }

  private static func pieces(
    of text: ArraySlice<UInt8>, name: String, kind: MailKind, line firstLine: Int
  ) throws(TemplateError) -> [Piece] {
    var pieces: [Piece] = []
    var literal: [UInt8] = []
    var line = firstLine
    var rest = text
    while let byte = rest.first {
      if rest.starts(with: "{{".utf8) {
        guard let end = Self.end(of: rest) else {
          throw TemplateError(name: name, line: line, fault: .unclosed)
        }
        let inner = rest[(rest.startIndex + 2)..<end]
        let word = String(
          decoding: inner.filter { $0 != 0x20 && $0 != 0x09 }, as: UTF8.self)
        guard let placeholder = Placeholder(rawValue: word), kind.placeholders.contains(placeholder)
        else {
          throw TemplateError(
            name: name, line: line, fault: .unknown(word, known: kind.placeholders))
        }
        pieces.append(.literal(String(decoding: literal, as: UTF8.self)))
        pieces.append(.placeholder(placeholder))
        literal = []
        rest = rest[(end + 2)...]
        continue
      }
      if rest.starts(with: "{%".utf8) || rest.starts(with: "{#".utf8) {
        throw TemplateError(name: name, line: line, fault: .logic)
      }
      if byte == UInt8(ascii: "\n") { line += 1 }
      literal.append(byte)
      rest = rest.dropFirst()
    }
    pieces.append(.literal(String(decoding: literal, as: UTF8.self)))
    return pieces
  }

  /// The position of the `}}` that closes a placeholder, on the same line.
  private static func end(of text: ArraySlice<UInt8>) -> Int? {
    var index = text.startIndex + 2
    while index + 1 < text.endIndex, text[index] != UInt8(ascii: "\n") {
      if text[index] == UInt8(ascii: "}"), text[index + 1] == UInt8(ascii: "}") { return index }
      index += 1
    }
    return nil
  }

  /// Whether the template has a subject.
  var hasSubject: Bool { subject != nil }

  /// The subject with placeholders replaced, never escaped; `nil` when the template has none.
  func subject(filling values: [Placeholder: String]) -> String? {
    subject.map { Self.fill($0, with: values, escaping: .none) }
  }

  /// The body with placeholders replaced.
  func body(filling values: [Placeholder: String]) -> String {
    let text = Self.fill(body, with: values, escaping: escaping)
    return isWrapped ? Self.wrapped(text) : text
  }

  private static let wrappedWidth = 72

  /// Paragraphs with a line break at the last space before each passing of the width; a longer word
  /// such as a link is on a line of its own.
  private static func wrapped(_ text: String) -> String {
    let (space, newline) = (UInt8(ascii: " "), UInt8(ascii: "\n"))
    var output: [UInt8] = []
    output.reserveCapacity(text.utf8.count)
    // Of the current line, up to its last word.
    var width = 0
    var wordWidth = 0
    // Where the space before the current word is in the output; `nil` at the first of a paragraph.
    var lastSpace: Int?
    func endWord() {
      if let lastSpace {
        let fits = width + 1 + wordWidth <= wrappedWidth
        if !fits { output[lastSpace] = newline }
        width = fits ? width + 1 : 0
      }
      width += wordWidth
      wordWidth = 0
    }
    for byte in text.utf8 {
      if byte == space {
        endWord()
        lastSpace = output.count
      } else if byte == newline {
        endWord()
        width = 0
        lastSpace = nil
      } else if byte & 0xc0 != 0x80 {
        // A scalar has one byte that does not continue another.
        wordWidth += 1
      }
      output.append(byte)
    }
    endWord()
    return String(decoding: output, as: UTF8.self)
  }

  private static func fill(
    _ pieces: [Piece], with values: [Placeholder: String], escaping: Escaping
  ) -> String {
    pieces.map { piece in
      switch piece {
      case .literal(let text): text
      case .placeholder(let name):
        escaping == .html ? escapeHTML(values[name] ?? "") : values[name] ?? ""
      }
    }.joined()
  }

  /// The text with the special characters of HTML escaped.
  static func escapeHTML(_ text: String) -> String {
    if !text.utf8.contains(where: isSpecialInHTML) { return text }
    var output: [UInt8] = []
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "&"): output += Array("&amp;".utf8)
      case UInt8(ascii: "<"): output += Array("&lt;".utf8)
      case UInt8(ascii: ">"): output += Array("&gt;".utf8)
      case UInt8(ascii: "\""): output += Array("&#34;".utf8)
      case UInt8(ascii: "'"): output += Array("&#39;".utf8)
      default: output.append(byte)
      }
    }
    return String(decoding: output, as: UTF8.self)
  }

  private static func isSpecialInHTML(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "&"), UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "\""),
      UInt8(ascii: "'"):
      true
    default: false
    }
  }
}

/// The reason why a template is invalid.
package struct TemplateError: Error, Equatable, Sendable {
  package enum Fault: Equatable, Sendable {
    case unknown(String, known: [MailTemplate.Placeholder])
    case missing(MailTemplate.Placeholder)
    case unclosed, logic, controlByte, notUTF8
    /// Longer than 1 MiB.
    case tooLarge
  }

  /// The file, or the name of a built-in template.
  package let name: String
  package let line: Int?
  package let fault: Fault
}
