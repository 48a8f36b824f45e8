import SMTP
import Testing

@testable import RegctlCore

@Suite("MailHeader") struct MailHeaderTests {
  private func parse(_ line: String) throws(MailHeader.Fault) -> FurtherHeader {
    try MailHeader.parse(Array(line.utf8)[...])
  }

  @Test(arguments: [
    ("Feedback-ID: accounts:app.example", "Feedback-ID", "accounts:app.example"),
    ("X-PM-Message-Stream:outbound", "X-PM-Message-Stream", "outbound"),
    ("X-A:  one   two ", "X-A", "one two"),
    ("X-MC-Track: false", "X-MC-Track", "false"),
  ])
  func `a header has a name and text`(_ line: String, name: String, body: String) throws {
    #expect(try parse(line) == FurtherHeader(name: name, body: body))
  }

  @Test(arguments: [
    ("Feedback-ID", MailHeader.Fault.noColon), (": x", .name), ("X A: x", .name),
    (" X-A: x", .name), ("X-\u{e4}: x", .name), ("X-A: \u{e4}", .notASCII),
    ("X-A: a\rBcc: b@example.org", .notASCII), ("X-A: a\tb", .notASCII), ("X-A: a\0", .notASCII),
    ("X-A:", .empty), ("X-A:  ", .empty),
  ])
  func `a line that is no header is rejected`(_ line: String, fault: MailHeader.Fault) {
    #expect(throws: fault) { try parse(line) }
  }

  @Test(arguments: [
    "From", "sender", "REPLY-TO", "To", "Cc", "bcc", "Date", "message-id", "Subject", "Received",
    "Return-Path", "MIME-Version", "Content-Type", "content-language", "Resent-To",
    "DKIM-Signature", "ARC-Seal", "Auto-Submitted", "X-Regctl-Mail", "x-regctl-original-to",
  ])
  func `a header of regctl or of the route is rejected`(_ name: String) {
    #expect(throws: MailHeader.Fault.reserved(name)) { try parse("\(name): x") }
  }

  @Test func `a word that does not fit on a line is rejected`() throws {
    let name = "X-Tags"
    let (first, other) = (String(repeating: "x", count: 68), String(repeating: "y", count: 75))
    _ = try parse("\(name): \(first) \(other)")
    for words in ["\(first)x", "x \(other)y"] {
      #expect(throws: MailHeader.Fault.longWord) { try parse("\(name): \(words)") }
    }
  }
}
