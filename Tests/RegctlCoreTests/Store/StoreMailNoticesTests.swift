import SQL
import TestSupport
import Testing

@testable import RegctlCore

@Suite("Store+MailNotices") struct StoreMailNoticesTests {
  private let site: Site
  private let waiting: Store

  init() throws {
    site = try Site(on: .postgresql)
    try site.register("ann@example.org", queuesMail: false)
    waiting = try site.open(for: .writing)
    try waiting.listenForMail()
  }

  /// Whether there was a notice since the last call; the server sends it with the commit.
  private func isAnnounced() throws -> Bool {
    try waiting.awaitMailNotice(until: .now + .seconds(1))
  }

  @Test func `a queued mail is announced, and an account without one is not`() throws {
    #expect(try !waiting.awaitMailNotice(until: .now))
    try site.register("bob@example.org", queuesMail: false)
    #expect(try !waiting.awaitMailNotice(until: .now + .milliseconds(50)))
    try site.register("eve@example.org")
    #expect(try isAnnounced())
  }

  @Test func `a mail that is made due is announced`() throws {
    try site.register("bob@example.org")
    #expect(try isAnnounced())
    let id = MailID(rawValue: 1)
    try site.store.transaction { () throws(RegctlError) in
      try site.store.reschedule(id, as: .confirm, at: site.now, due: site.now)
    }
    #expect(try isAnnounced())
    try site.store.transaction { () throws(RegctlError) in
      try site.store.finish(id, as: .failed, reply: "550", at: site.now)
    }
    #expect(try !waiting.awaitMailNotice(until: .now + .milliseconds(50)))
    try site.store.transaction { () throws(RegctlError) in
      try site.store.requeue(id, at: site.now)
    }
    #expect(try isAnnounced())
  }

  @Test func `behind a pooler nothing is announced`() throws {
    let name = try #require(site.database?.name)
    let pooler = try Pooler(before: .shared())
    let location = try DatabaseLocation(
      "postgresql://postgres@127.0.0.1:\(pooler.port)/\(name)?sslmode=disable")
    let store = try Store.open(location, for: .writing, busyTimeout: .seconds(5))
    #expect(throws: RegctlError.delivery(.pooled(location.text))) { try store.listenForMail() }
  }

  @Test func `a file has no notices`() throws {
    let site = try Site(on: .sqlite)
    try site.store.listenForMail()
    try site.register("ann@example.org")
    #expect(try !site.store.awaitMailNotice(until: .now + .milliseconds(1)))
    #expect(site.store.mailPollInterval < waiting.mailPollInterval)
  }
}
