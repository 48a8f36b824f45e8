import Glibc
import SMTP
import TestSupport
import Testing

@testable import RegctlCore

@Suite("MailForm") struct MailFormTests {
  private func form(_ settings: [String: String] = [:]) throws -> MailForm {
    try MailForm(Site().configuration(settings), uid: geteuid())
  }

  private func message(_ settings: [String: String] = [:]) throws -> Message {
    try form(settings).message(
      to: "ann@example.org", subject: "S", date: 0, messageID: "1@x.org", text: "T", html: "H")
  }

  @Test func `a mail goes to its own address`() throws {
    #expect(try form().recipient(of: "ann@example.org") == "ann@example.org")
    let message = try message()
    #expect(message.to.address == "ann@example.org")
    #expect(message.originalRecipient == nil)
    #expect(message.replyTo == nil)
  }

  @Test func `a redirected mail names the address that it is for`() throws {
    let settings = ["mail_redirect_all": "tester@App.example"]
    #expect(try form(settings).recipient(of: "ann@example.org") == "tester@app.example")
    let message = try message(settings)
    #expect(message.to.address == "tester@app.example")
    #expect(message.originalRecipient == "ann@example.org")
  }

  @Test func `answers go where mail_reply_to says`() throws {
    #expect(
      try message(["mail_reply_to": "Help <help@app.example>"]).replyTo
        == Mailbox(displayName: "Help", address: "help@app.example"))
  }

  @Test func `the headers of the file are in the mail`() throws {
    let directory = try TemporaryDirectory()
    let path = try directory.write("headers", "Feedback-ID: a:b\n")
    #expect(
      try message(["mail_headers": path]).furtherHeaders
        == [FurtherHeader(name: "Feedback-ID", body: "a:b")])
  }
}
