import Glibc
import TestSupport
import Testing

@testable import RegctlCore

@Suite("BuiltInTemplates") struct BuiltInTemplatesTests {
  private func sample(_ kind: MailKind, _ language: BuiltInLanguage) throws -> MailSample {
    try MailSample(
      kind, in: MailLanguage(language.rawValue), Site().configuration(), uid: geteuid(),
      at: Site.start)
  }

  @Test(arguments: MailKind.allCases, BuiltInLanguage.allCases)
  func `both parts say the same and fit`(_ kind: MailKind, _ language: BuiltInLanguage) throws {
    let sample = try sample(kind, language)
    for part in [sample.subject, sample.text, sample.html] { #expect(!part.contains("{{")) }
    #expect(sample.html.contains("<html lang=\"\(language.rawValue)\">"))
    #expect(sample.html.contains("ann@example.org"))
    #expect(sample.text.contains("ann@example.org"))
    let link = sample.text.split(separator: "\n").first { $0.hasPrefix("https://") }
    #expect((kind.link == nil) == (link == nil))
    if let link {
      #expect(sample.html.contains("href=\"\(link)\""))
      #expect(sample.html.contains("<span>\(link)</span>"))
    }
    for line in sample.text.split(separator: "\n") where !line.hasPrefix("https") {
      #expect(line.unicodeScalars.count <= 76)
    }
  }

  @Test(arguments: MailKind.allCases, BuiltInLanguage.allCases)
  func `a login is named where one is needed to confirm`(
    _ kind: MailKind, _ language: BuiltInLanguage
  ) throws {
    let configuration = try Site().configuration(["confirm_needs_login": "yes"])
    let sample = try MailSample(
      kind, in: MailLanguage(language.rawValue), configuration, uid: geteuid(), at: Site.start)
    let words = language.loginNote.split(separator: " ")[0..<4].joined(separator: " ")
    let names = kind == .confirm || kind == .reminder
    #expect(sample.text.contains(words) == names)
    #expect(sample.html.contains(words) == names)
    #expect(try !self.sample(kind, language).text.contains(words))
  }
}
