import Glibc
import TestSupport
import Testing

@testable import RegctlCore

@Suite("MailSample") struct MailSampleTests {
  private func sample(
    _ kind: MailKind, _ settings: [String: String] = [:], in language: MailLanguage? = nil
  ) throws -> MailSample {
    try MailSample(
      kind, in: language, ConfigurationLoader.load(settings), uid: geteuid(), at: Site.start)
  }

  @Test func `a sample needs no settings`() throws {
    let sample = try sample(.confirm)
    #expect(sample.subject == "Confirm your e-mail address for app.example")
    #expect(sample.text.contains("\nhttps://app.example/confirm/"))
    #expect(sample.text.hasSuffix("Questions? support@app.example\n"))
  }

  @Test func `settings are used`() throws {
    let sample = try sample(
      .invite,
      [
        "service_name": "Kitchen", "invite_url": "https://x.example/?t={token}",
        "mail_default_sender": "Ann <accounts@x.example>", "token_max_age": "2d",
      ])
    #expect(sample.subject == "Your account at Kitchen")
    #expect(sample.text.contains("\nhttps://x.example/?t="))
    #expect(sample.text.contains("valid for 2 days"))
    #expect(sample.text.hasSuffix("Questions? accounts@x.example\n"))
  }

  @Test(arguments: [("14d", "7 December 2026"), ("never", "23 November 2026")])
  func `a reminder names the date of deletion`(_ age: String, date: String) throws {
    #expect(try sample(.reminder, ["prune_after": age]).text.contains("after \(date)."))
  }
}
