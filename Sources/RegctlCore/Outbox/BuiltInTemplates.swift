/// The templates used when `templates_dir` has none.
///
/// Both parts are made of the same sentences. The HTML part needs no image, no script and nothing
/// from elsewhere, is readable at 320 px and in dark mode, and its styles stand at the elements too,
/// because some mail programs drop those of the head. The link is in the mail four times: in the text,
/// at the button, in the sentence for those who do not see the button, and there to be copied. rspamd
/// takes an odd number for a sign of spam (`URI_COUNT_ODD`).
enum BuiltInTemplates {
  /// The texts of a mail; those that confirm an address say that a login may be needed.
  private static func content(
    of kind: MailKind, in language: BuiltInLanguage, needsLogin: Bool
  ) -> BuiltInText {
    var content = language.text(of: kind)
    switch kind {
    case .confirm where needsLogin, .reminder where needsLogin:
      content.closing.insert(language.loginNote, at: 0)
    case .confirm, .reminder, .reset, .changeEmail, .changedNotice, .invite: break
    }
    return content
  }

  /// The template of the text part; its paragraphs are wrapped when the mail is composed.
  static func text(_ kind: MailKind, in language: BuiltInLanguage, needsLogin: Bool) -> String {
    let content = content(of: kind, in: language, needsLogin: needsLogin)
    var paragraphs = [language.greeting] + content.opening
    if let link = kind.link { paragraphs.append("{{ \(link.rawValue) }}") }
    paragraphs += content.closing
    if !content.namesContact { paragraphs.append(language.contact) }
    return "Subject: \(content.subject)\n\n\(paragraphs.joined(separator: "\n\n"))\n"
  }

  /// The template of the HTML part.
  static func html(_ kind: MailKind, in language: BuiltInLanguage, needsLogin: Bool) -> String {
    let content = content(of: kind, in: language, needsLogin: needsLogin)
    var elements = ([language.greeting] + content.opening).map(paragraph)
    if let link = kind.link, let label = content.button {
      elements.append(button(label, link))
    }
    elements += content.closing.map(paragraph)
    if let link = kind.link {
      elements.append(note(copy(link, in: language)))
    }
    if !content.namesContact { elements.append(note(language.contact)) }
    return """
      <!DOCTYPE html>
      <html lang="\(language.rawValue)">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <meta name="color-scheme" content="light dark">
      <title>\(content.heading)</title>
      <style>
      \(style)
      </style>
      </head>
      <body style="\(pageStyle)">
      <div style="\(previewStyle)">\(content.preview)</div>
      <div class="card" style="\(cardStyle)">
      <h1 style="\(headingStyle)">\(content.heading)</h1>
      \(elements.joined(separator: "\n"))
      </div>
      </body>
      </html>

      """
  }

  private static func paragraph(_ text: String) -> String {
    "<p style=\"margin: 0 0 16px\">\(emphasized(text))</p>"
  }

  private static func note(_ content: String) -> String {
    "<p class=\"note\" style=\"\(noteStyle)\">\(content)</p>"
  }

  /// The sentence with a link, and the link itself, to be copied.
  private static func copy(
    _ link: MailTemplate.Placeholder, in language: BuiltInLanguage
  ) -> String {
    let sentence = language.copyLink
    let target = "{{ \(link.rawValue) }}"
    return """
      \(sentence.before)<a href="\(target)" style="color: #0b5cad">\(sentence.link)</a>\
      \(sentence.after)<br>
      <span>\(target)</span>
      """
  }

  /// A button that Outlook shows too: its colour is that of a cell, and it is a link all over.
  private static func button(_ label: String, _ link: MailTemplate.Placeholder) -> String {
    """
    <table role="presentation" cellpadding="0" cellspacing="0" border="0" \
    style="margin: 0 0 16px"><tr>
    <td class="button" bgcolor="#0b5cad" style="border-radius: 6px; background: #0b5cad">
    <a href="{{ \(link.rawValue) }}" style="\(buttonStyle)">\(label)</a></td>
    </tr></table>
    """
  }

  /// The text with the address in bold.
  private static func emphasized(_ text: String) -> String {
    let mark = Array("{{ email }}".utf8)
    var output: [UInt8] = []
    var rest = Array(text.utf8)[...]
    while let byte = rest.first {
      if rest.starts(with: mark) {
        output += Array("<strong>".utf8) + mark + Array("</strong>".utf8)
        rest = rest.dropFirst(mark.count)
      } else {
        output.append(byte)
        rest = rest.dropFirst()
      }
    }
    return String(decoding: output, as: UTF8.self)
  }

  // MARK: Styles

  private static let pageStyle = """
    margin: 0; padding: 16px 8px; background: #f2f4f7; color: #1f2933; \
    font-family: -apple-system, 'Segoe UI', Roboto, Helvetica, Arial, sans-serif; \
    font-size: 16px; line-height: 1.5
    """

  /// A long address or link is broken anywhere rather than making the page wider.
  private static let cardStyle = """
    max-width: 560px; margin: 0 auto; padding: 24px 16px; border-radius: 8px; \
    background: #ffffff; color: #1f2933; word-break: break-word; overflow-wrap: anywhere
    """
  private static let headingStyle = "margin: 0 0 16px; font-size: 20px; line-height: 1.3"
  private static let noteStyle = "margin: 0 0 16px; font-size: 14px; color: #52606d"
  private static let buttonStyle = """
    display: inline-block; padding: 12px 20px; color: #ffffff; font-weight: bold; \
    text-decoration: none
    """

  /// Not shown in the mail itself, but beside its subject in a list of mails.
  private static let previewStyle = "display: none; max-height: 0; overflow: hidden"

  private static let style = """
    :root { color-scheme: light dark; }
    @media (prefers-color-scheme: dark) {
    body { background: #14181d !important; color: #e4e7eb !important; }
    .card { background: #1f252c !important; color: #e4e7eb !important; }
    .card .note { color: #a9b4c0 !important; }
    .card .note a { color: #8abaf2 !important; }
    .card .button { background: #8abaf2 !important; }
    .card .button a { color: #10151b !important; }
    }
    """
}
