import Glibc
import SMTP
import System
import TestSupport
import Testing

@testable import RegctlCore

@Suite("MailComposer") struct MailComposerTests {
  private func message(_ settings: [String: String] = [:]) throws -> Message {
    let site = try Site()
    let ann = try site.register("ann@example.org")
    let entry = try #require(try site.store.mails(of: ann.id).first)
    return try MailComposer(site.configuration(settings), uid: geteuid())
      .compose(
        entry.kind, to: ann.email, MailComposer.Content(address: ann.email, token: "T"),
        messageID: entry.messageID, envelopeID: "1.ab", at: site.now)
  }

  @Test func `a mail has the link in both parts`() throws {
    let message = try message()
    for part in [message.text, message.html] {
      #expect(part.contains("https://app.example/confirm/T"))
    }
    #expect(message.to == Mailbox(displayName: nil, address: "ann@example.org"))
    #expect(message.from == Mailbox(displayName: "Example", address: "accounts@app.example"))
    #expect(message.date == 1_795_424_400)
  }

  @Test(arguments: [
    ([:], "app.example", "accounts@app.example"),
    (["service_name": "Kitchen"], "Kitchen", "accounts@app.example"),
    (["support_address": "help@x.org"], "app.example", "help@x.org"),
  ])
  func `missing settings are derived from others`(
    _ settings: [String: String], service: String, support: String
  ) throws {
    let message = try message(settings)
    #expect(message.subject == "Confirm your e-mail address for \(service)")
    #expect(message.text.contains("Questions? \(support)\n"))
  }

  @Test(arguments: [
    ("1h", "1 hour"), ("90m", "90 minutes"), ("2d", "2 days"), ("1s", "1 second"),
    ("36h", "36 hours"),
  ])
  func `the lifetime is stated exactly`(_ setting: String, words: String) throws {
    #expect(try message(["token_max_age": setting]).text.contains("valid for \(words)."))
  }

  @Test func `one custom template leaves the other built in`() throws {
    let directory = try TemporaryDirectory()
    try directory.write("confirm.txt", "Subject: Own\n\n{{ confirm_url }}\n")
    let message = try message(["templates_dir": directory.path])
    #expect(message.subject == "Own")
    #expect(message.text == "https://app.example/confirm/T\n")
    #expect(message.html.contains("<html"))
  }

  @Test func `the tutorial's own template works unchanged`() throws {
    let directory = try TemporaryDirectory()
    try directory.write(
      "confirm.html",
      """
      <p>Welcome! Thanks for signing up. Please follow this link to activate your account:</p>
      <p><a href="{{ confirm_url }}">{{ confirm_url }}</a></p>
      <br>
      <p>Cheers!</p>

      """)
    let message = try message(["templates_dir": directory.path])
    #expect(message.html.contains("<a href=\"https://app.example/confirm/T\">"))
  }

  @Test func `a missing template directory is an error`() throws {
    let error = try refusal { _ = try message(["templates_dir": "/nowhere"]) }
    guard case .file(let failure) = error else { throw error }
    #expect(failure.isMissing)
  }
}
