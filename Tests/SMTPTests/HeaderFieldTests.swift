import Foundation
import Testing

@testable import SMTP

@Suite("HeaderField") struct HeaderFieldTests {
  private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

  /// The bytes of a field's body, its lines joined and its encoded words decoded.
  private func decoded(_ field: String) throws -> String {
    let unfolded = field.replacing("\r\n ", with: " ")
    let body = try #require(unfolded.split(separator: ": ", maxSplits: 1).last)
    var bytes: [UInt8] = []
    for word in body.split(whereSeparator: \.isWhitespace) {
      let encoded = try #require(word.wholeMatch(of: /=\?UTF-8\?B\?(.+)\?=/)?.1)
      bytes += try #require(Data(base64Encoded: String(encoded)))
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  // MARK: Subjects

  @Test(arguments: [
    "Hello", "Confirm your e-mail address for Example", "1 < 2, \"quoted\" (and so on); \\",
    "a = ?b", "?=",
  ])
  func `plain text stays unchanged`(_ subject: String) {
    #expect(text(HeaderField.text("Subject", subject)) == "Subject: \(subject)\r\n")
  }

  @Test(arguments: [
    "Grüße", "日本語", "😀", "=?UTF-8?Q?x?=", "e\u{301}", "tab\there", "two  blanks", " before",
    "after ", String(repeating: "é", count: 100), String(repeating: "😀", count: 60),
    String(repeating: "x", count: 100),
    "Bestätigen Sie Ihre Adresse " + String(repeating: "y", count: 50),
  ])
  func `other text is sent in encoded words`(_ subject: String) throws {
    let field = text(HeaderField.text("Subject", subject))
    #expect(try decoded(field).utf8.elementsEqual(subject.utf8))
    for line in field.split(separator: "\r\n") { #expect(line.utf8.count <= 76) }
  }

  @Test func `no character is split between two words`() throws {
    for word in HeaderField.encodedWords(String(repeating: "a😀", count: 50)) {
      #expect(word.utf8.count <= 75)
      let encoded = try #require(word.wholeMatch(of: /=\?UTF-8\?B\?(.+)\?=/)?.1)
      let bytes = try #require(Data(base64Encoded: String(encoded)))
      #expect(String(validating: bytes, as: UTF8.self) != nil)
    }
  }

  @Test func `nothing in a subject begins another field`() {
    for subject in ["a\r\nBcc: bob@example.org", "a\nBcc: b", "a\rb", "a\u{0}b"] {
      let lines = text(HeaderField.text("Subject", subject)).split(separator: "\r\n")
      #expect(lines.count == 1)
      #expect(!text(HeaderField.text("Subject", subject)).dropLast(1).utf8.contains(0x0d))
    }
  }

  // MARK: Folding

  @Test func `a long line is folded before the word that does not fit`() {
    let words = Array(repeating: "nine.byte", count: 12).joined(separator: " ")
    let lines = text(HeaderField.structured("Subject", words)).split(separator: "\r\n")
    #expect(lines.map(\.utf8.count) == [68, 60])
    #expect(lines.dropFirst().allSatisfy { $0.hasPrefix(" ") })
  }

  @Test(arguments: [(67, 1), (68, 2)])
  func `a line has 76 bytes at most`(_ count: Int, lines: Int) {
    let body = "a " + String(repeating: "x", count: count - 2)
    let field = text(HeaderField.structured("Subject", body))
    #expect(field.split(separator: "\r\n").count == lines)
  }

  // MARK: Mailboxes

  @Test(arguments: [
    (nil, "From: a@b.cd"), ("", "From: a@b.cd"), ("Ann Bee", "From: Ann Bee <a@b.cd>"),
    ("Ann-Bee+Co", "From: Ann-Bee+Co <a@b.cd>"), ("Bee, Ann", "From: \"Bee, Ann\" <a@b.cd>"),
    ("Ann (Bee)", "From: \"Ann (Bee)\" <a@b.cd>"), ("A.", "From: \"A.\" <a@b.cd>"),
    ("a\"b\\c", "From: \"a\\\"b\\\\c\" <a@b.cd>"),
    ("Jürgen", "From: =?UTF-8?B?SsO8cmdlbg==?= <a@b.cd>"),
  ])
  func `a name is quoted or encoded where required`(_ name: String?, field: String) {
    let mailbox = Mailbox(displayName: name, address: "a@b.cd")
    #expect(text(HeaderField.mailbox("From", mailbox)) == field + "\r\n")
  }

  @Test(arguments: [
    String(repeating: "Ann Bee ", count: 20) + "X",
    "\"" + String(repeating: "Bee, Ann ", count: 20) + "X",
    String(repeating: "é", count: 100),
  ])
  func `a long name is folded`(_ name: String) {
    let field = text(HeaderField.mailbox("From", Mailbox(displayName: name, address: "a@b.cd")))
    for line in field.split(separator: "\r\n") { #expect(line.utf8.count <= 76, "\(line)") }
  }
}
