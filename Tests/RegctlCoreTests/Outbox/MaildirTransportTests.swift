import Glibc
import System
import TestSupport
import Testing

@testable import RegctlCore

@Suite("MaildirTransport") struct MaildirTransportTests {
  private let directory: TemporaryDirectory
  private let elsewhere: TemporaryDirectory

  init() throws {
    directory = try TemporaryDirectory()
    elsewhere = try TemporaryDirectory()
  }

  private var path: String { "\(directory.path)/Maildir" }

  private func mail(_ id: Int64 = 1, _ messageID: String = "1.2@x.org", text: String = "Text")
    -> OutgoingMail
  {
    let entry = OutboxEntry(
      id: MailID(rawValue: id), account: AccountID(rawValue: 1), email: "ann@x.org",
      kind: .confirm, purpose: .confirm, state: .sending, attempts: 1,
      queuedAt: Instant(seconds: 0), nextAttemptAt: nil, finishedAt: nil, lastReply: nil,
      messageID: messageID, isPossibleDuplicate: false)
    return OutgoingMail(
      entry: entry, recipient: entry.email, messageID: messageID, envelopeSender: "bounces@x.org",
      envelopeID: nil,
      bytes: Array("A: b\r\n\r\n\(text)\r\n".utf8))
  }

  private func new() throws -> [String] { try FileSystem.names(in: "\(path)/new") }

  @Test func `a mail is the only file in new, and private`() throws {
    #expect(
      try MaildirTransport(path: path, namingBy: SHA256()).send(mail())
        == .sent("delivered to \(path)"))
    let names = try new()
    #expect(names.count == 1)
    let file = "\(path)/new/\(names[0])"
    #expect(
      try FileSystem.read(file, atMost: 1000)
        == Array("Return-Path: <bounces@x.org>\nA: b\n\nText\n".utf8))
    #expect(try FileSystem.status(of: file)?.permissions == 0o600)
    #expect(try FileSystem.names(in: "\(path)/tmp").isEmpty)
    #expect(try FileSystem.names(in: path) == ["cur", "new", "tmp"])
  }

  @Test func `a second copy replaces the first`() throws {
    for text in ["first", "second"] {
      _ = try MaildirTransport(path: path, namingBy: SHA256()).send(mail(text: text))
    }
    let names = try new()
    #expect(names.count == 1)
    let content = try FileSystem.read("\(path)/new/\(names[0])", atMost: 1000)
    #expect(String(decoding: content, as: UTF8.self).contains("second"))
  }

  @Test func `another mail has another name, which reveals nothing`() throws {
    let maildir = try MaildirTransport(path: path, namingBy: SHA256())
    for (id, messageID) in [(1, "a@x.org"), (2, "a@x.org"), (2, "../../b"), (2, "a/../b")] {
      _ = try maildir.send(mail(Int64(id), messageID))
    }
    let names = try new()
    #expect(names.count == 4)
    #expect(names.allSatisfy { $0.wholeMatch(of: /[0-9a-f]{32}\.regctl/) != nil })
  }

  @Test(arguments: ["tmp", "new", "cur"])
  func `nothing is written through a link`(_ name: String) throws {
    try FileSystem.makeDirectories(path)
    try #require(symlink(elsewhere.path, "\(path)/\(name)") == 0)
    #expect(
      throws: DeliveryError.unavailable(
        reason: "cannot open \(path)/\(name): Not a directory")
    ) { _ = try MaildirTransport(path: path, namingBy: SHA256()).send(mail()) }
    #expect(try FileSystem.names(in: elsewhere.path).isEmpty)
  }

  @Test(arguments: ["tmp", "new"])
  func `a directory replaced later is not used`(_ name: String) throws {
    let maildir = try MaildirTransport(path: path, namingBy: SHA256())
    try #require(rename("\(path)/\(name)", "\(path)/old") == 0)
    try #require(symlink(elsewhere.path, "\(path)/\(name)") == 0)
    _ = try maildir.send(mail())
    #expect(try FileSystem.names(in: elsewhere.path).isEmpty)
  }

  @Test(arguments: ["", "/tmp", "/new", "/cur"])
  func `an invalid Maildir is detected before a mail is sent`(_ place: String) throws {
    if !place.isEmpty { try FileSystem.makeDirectories(path) }
    try FileSystem.create(path + place, content: [])
    #expect(
      throws: RegctlError.delivery(.unavailable(reason: "\(path + place) is no directory"))
    ) { try MaildirTransport.check(path) }
  }

  @Test func `missing directories are created later`() throws {
    #expect(throws: Never.self) { try MaildirTransport.check(path) }
  }
}
