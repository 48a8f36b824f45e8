@testable import RegctlCore
@testable import SMTP

/// Templates of mails: what is filled in stays text, and the mail keeps its form.
struct TemplateTarget: FuzzTarget {
  static let name = "template"

  /// A value that would be markup, and a placeholder, if it were not text.
  private static let hostile = "\"<'&{{ email }}>@x.example"

  private static let values: [MailTemplate.Placeholder: String] = [
    .email: hostile, .serviceName: "S<i>", .supportAddress: "s@x.example", .expiresIn: "1 hour",
    .confirmURL: "https://x.example/?a=1&b=2", .resetURL: "https://x.example/r",
    .changeEmailURL: "https://x.example/c", .inviteURL: "https://x.example/i",
    .deletionDate: "23 November",
  ]

  func check(_ input: [UInt8]) {
    guard let text = String(validating: input, as: UTF8.self) else { return }
    for kind in MailKind.allCases {
      for (escaping, isWrapped) in [
        (MailTemplate.Escaping.none, false), (.none, true), (.html, false),
      ] {
        guard
          let template = try? MailTemplate(
            text, name: "x", kind: kind, escaping: escaping, isWrapped: isWrapped)
        else { continue }
        requireMail(template, text, escaping, kind)
      }
    }
    _ = try? MailTemplate(text, name: "x", escaping: .none, isWrapped: true)
  }

  private func requireMail(
    _ template: MailTemplate, _ text: String, _ escaping: MailTemplate.Escaping, _ kind: MailKind
  ) {
    let body = template.body(filling: Self.values)
    let subject = template.subject(filling: Self.values)
    if let link = kind.link.flatMap({ Self.values[$0] }) {
      let written = escaping == .html ? MailTemplate.escapeHTML(link) : link
      Property.require(body.utf8.contains(sequence: written.utf8), "a mail has its link, whole")
    }
    if escaping == .html {
      Property.require(
        !body.utf8.contains(sequence: Self.hostile.utf8)
          || text.utf8.contains(sequence: Self.hostile.utf8.prefix(4)),
        "what is inserted is not markup")
    }
    if let subject {
      Property.require(
        !subject.utf8.contains { $0 < 0x20 || $0 == 0x7f }, "a subject is one line")
    }
    let mailbox = Mailbox(displayName: "N", address: "a@b.example")
    let message = Message(
      from: mailbox, to: mailbox, subject: subject ?? "none", date: 0, messageID: "m@b.example",
      text: body, html: body)
    WireFormat.requireTransparent(message.bytes)
    WireFormat.requireLineLengths(message.bytes)
    Property.require(
      ReceivedPart(message.bytes[...]).parts.count == 2, "a mail has two parts")
  }
}
