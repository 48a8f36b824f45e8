/// An Internet message with a text and an HTML part (RFC 5322, RFC 2046 `multipart/alternative`).
package struct Message: Equatable, Sendable {
  package let from: Mailbox
  package let to: Mailbox

  /// Where answers go, if not to the sender.
  package let replyTo: Mailbox?

  /// The address that the mail is for, where it goes to another one.
  package let originalRecipient: String?
  package let subject: String

  /// The value of the `Date` field, in whole seconds since 1970, UTC.
  package let date: Int64

  /// The `Message-ID` without angle brackets, the same at every attempt.
  package let messageID: String
  package let furtherHeaders: [FurtherHeader]

  /// The value of `X-Regctl-Mail`, which identifies the mail in a report about it: relays replace a
  /// `Message-ID`, but not this field. `nil` for a mail about which no report is evaluated.
  package let envelopeID: String?
  package let text: String
  package let html: String

  package init(
    from: Mailbox, to: Mailbox, replyTo: Mailbox? = nil, originalRecipient: String? = nil,
    subject: String, date: Int64, messageID: String, envelopeID: String? = nil,
    furtherHeaders: [FurtherHeader] = [], text: String, html: String
  ) {
    self.from = from
    self.to = to
    self.replyTo = replyTo
    self.originalRecipient = originalRecipient
    self.furtherHeaders = furtherHeaders
    self.subject = subject
    self.date = date
    self.messageID = messageID
    self.envelopeID = envelopeID
    self.text = text
    self.html = html
  }

  /// The encoded message: header and both parts, in lines of at most 76 bytes ended by CRLF.
  package var bytes: [UInt8] {
    let boundary = self.boundary
    var output: [UInt8] = []
    output.reserveCapacity(text.utf8.count + html.utf8.count + 1024)
    output += HeaderField.structured("Date", InternetDate.text(of: date))
    output += HeaderField.mailbox("From", from)
    output += HeaderField.mailbox("To", to)
    if let replyTo { output += HeaderField.mailbox("Reply-To", replyTo) }
    if let originalRecipient {
      output += HeaderField.structured("X-Regctl-Original-To", originalRecipient)
    }
    output += HeaderField.text("Subject", subject)
    output += HeaderField.structured("Message-ID", "<\(messageID)>")
    if let envelopeID { output += HeaderField.structured("X-Regctl-Mail", envelopeID) }
    // RFC 3834, section 5: an automatic mail, which no vacation program should answer.
    output += HeaderField.structured("Auto-Submitted", "auto-generated")
    output += HeaderField.structured("X-Auto-Response-Suppress", "All")
    for header in furtherHeaders { output += HeaderField.structured(header.name, header.body) }
    output += HeaderField.structured("MIME-Version", "1.0")
    output += HeaderField.structured(
      "Content-Type", "multipart/alternative; boundary=\"\(boundary)\"")
    for (type, content) in [("plain", text), ("html", html)] {
      output += "\r\n--\(boundary)\r\n".utf8
      output += HeaderField.structured("Content-Type", "text/\(type); charset=utf-8")
      output += HeaderField.structured("Content-Transfer-Encoding", "quoted-printable")
      output += "\r\n".utf8
      output += QuotedPrintable.encode(content)
    }
    output += "\r\n--\(boundary)--\r\n".utf8
    return output
  }

  /// A boundary that cannot occur in quoted-printable text, where a hexadecimal digit follows `=`.
  private var boundary: String {
    let identity = messageID.utf8.prefix { $0 != UInt8(ascii: "@") }
    return "=_\(String(decoding: identity.prefix(60), as: UTF8.self))"
  }
}
