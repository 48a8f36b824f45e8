import Glibc
import SMTP
import TestSupport
import Testing

@testable import RegctlCore

@Suite("MailKind") struct MailKindTests {
  private static let links: [String: String] = [
    "confirm_url": "https://app.example/confirm/{token}",
    "reset_url": "https://app.example/reset/{token}",
    "change_email_url": "https://app.example/change/{token}",
    "invite_url": "https://app.example/invite/{token}",
  ]

  private func message(_ kind: MailKind, _ settings: [String: String] = [:]) throws -> Message {
    let configuration = try Site().configuration(Self.links.merging(settings) { $1 })
    return try MailComposer(configuration, uid: geteuid())
      .compose(
        kind, to: "ann@example.org",
        MailComposer.Content(
          address: "ann@example.org", token: "T", deletion: Site.start + .seconds(86_400)),
        messageID: "7@x.org", envelopeID: "7.7", at: Site().now)
  }

  @Test(arguments: [
    (MailKind.confirm, "https://app.example/confirm/T"), (.reset, "https://app.example/reset/T"),
    (.changeEmail, "https://app.example/change/T"), (.invite, "https://app.example/invite/T"),
    (.reminder, "https://app.example/confirm/T"),
  ])
  func `built-in templates have the link of their kind`(_ kind: MailKind, link: String) throws {
    let message = try message(kind)
    #expect(message.text.contains(link))
    #expect(message.html.contains("href=\"\(link)\""))
  }

  @Test(arguments: MailKind.allCases)
  func `no placeholder is left`(_ kind: MailKind) throws {
    let message = try message(kind)
    for text in [message.subject, message.text, message.html] {
      #expect(!text.contains("{{"))
      #expect(!text.isEmpty)
    }
  }

  @Test func `the notice of a change has no link`() throws {
    let message = try message(.changedNotice)
    for part in [message.text, message.html] { #expect(!part.contains("https://app.example/")) }
  }

  @Test(arguments: MailKind.allCases, ["txt", "html"])
  func `every template can be replaced`(_ kind: MailKind, ending: String) throws {
    let directory = try TemporaryDirectory()
    let link = kind.link.map { "{{ \($0.rawValue) }}" } ?? "{{ email }}"
    try directory.write("\(kind.rawValue).\(ending)", "own \(link)")
    let message = try message(kind, ["templates_dir": directory.path])
    #expect((ending == "txt" ? message.text : message.html).hasPrefix("own "))
    #expect(!(ending == "txt" ? message.html : message.text).hasPrefix("own "))
  }

  @Test(arguments: [MailKind.reset, .changeEmail, .changedNotice, .invite])
  func `a template with the link of another kind is rejected`(_ kind: MailKind) throws {
    let own = kind.link.map { "{{ \($0.rawValue) }}" } ?? ""
    #expect(
      throws: TemplateError(
        name: "x", line: 1, fault: .unknown("confirm_url", known: kind.placeholders))
    ) { try MailTemplate("\(own) {{ confirm_url }}", name: "x", kind: kind, escaping: .none) }
  }

  @Test(arguments: [MailKind.confirm, .reset, .changeEmail, .invite, .reminder])
  func `a template without its link is refused when it is loaded`(_ kind: MailKind) throws {
    let directory = try TemporaryDirectory()
    try directory.write("\(kind.rawValue).txt", "no link")
    #expect(throws: RegctlError.self) {
      _ = try message(kind, ["templates_dir": directory.path])
    }
  }
}
