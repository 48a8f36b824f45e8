/// An Internet message with a text and an HTML part (RFC 5322, RFC 2046 `multipart/alternative`).
package struct Message: Equatable, Sendable {
  package let from: Mailbox
  package let to: Mailbox
  package let subject: String

  /// The value of the `Date` field, in whole seconds since 1970, UTC.
  package let date: Int64

  /// The `Message-ID` without angle brackets, the same at every attempt.
  package let messageID: String
  package let text: String
  package let html: String

  package init(
    from: Mailbox, to: Mailbox, subject: String, date: Int64, messageID: String, text: String,
    html: String
  ) {
    self.from = from
    self.to = to
    self.subject = subject
    self.date = date
    self.messageID = messageID
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
    output += HeaderField.text("Subject", subject)
    output += HeaderField.structured("Message-ID", "<\(messageID)>")
    // RFC 3834, section 5: an automatic mail, which no vacation program should answer.
    output += HeaderField.structured("Auto-Submitted", "auto-generated")
    output += HeaderField.structured("X-Auto-Response-Suppress", "All")
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
