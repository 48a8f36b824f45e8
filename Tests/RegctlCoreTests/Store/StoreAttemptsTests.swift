import SQL
import TestSupport
import Testing

@testable import RegctlCore

@Suite("Store+Attempts") struct StoreAttemptsTests {
  private let site: Site
  private let id = MailID(rawValue: 1)

  init() throws {
    site = try Site()
    try site.register("ann@example.org")
  }

  private func attempts(_ store: Store? = nil) throws -> [DeliveryAttempt] {
    try (store ?? site.store).attempts(at: id)
  }

  private func deferMail(_ reply: String, in store: Store) throws {
    try store.deferMail(
      id, reply: reply, isPossibleDuplicate: false, at: site.now, until: site.now + .seconds(60))
  }

  @Test func `attempts are numbered from 1, over a retry too`() throws {
    #expect(try attempts().isEmpty)
    try deferMail("451 later", in: site.store)
    site.now = site.now + .seconds(60)
    try site.store.fail(id, reply: "550 no", at: site.now)
    try site.store.requeue(id, at: site.now)
    try deferMail("452 full", in: site.store)
    #expect(
      try attempts() == [
        DeliveryAttempt(
          mail: id, number: 1, at: site.now - .seconds(60), result: .deferred, reply: "451 later"),
        DeliveryAttempt(mail: id, number: 2, at: site.now, result: .failed, reply: "550 no"),
        DeliveryAttempt(mail: id, number: 3, at: site.now, result: .deferred, reply: "452 full"),
      ])
  }

  @Test func `refusals are counted by what the replies were about`() throws {
    #expect(try site.store.refusals(since: site.now).isEmpty)
    for reply in ["450 4.2.2 full", "451 4.7.1 greylisted", "451 later"] {
      try deferMail(reply, in: site.store)
    }
    site.now = site.now + .seconds(60)
    try site.store.fail(id, reply: "550 5.1.1 unknown", at: site.now)
    let all = try site.store.refusals(since: site.now - .seconds(60))
    #expect(all.failed == [.address: 1])
    #expect(all.deferred == [.mailbox: 1, .sender: 1, .other: 1])
    #expect(try site.store.refusals(since: site.now).deferred == [:])
  }

  @Test func `an attempt whose process died is recorded once`() throws {
    try site.register("bob@example.org")
    _ = try site.store.beginAttempts([id])
    try site.store.requeueAbandonedMails(at: site.now)
    try site.store.requeueAbandonedMails(at: site.now)
    #expect(
      try attempts() == [
        DeliveryAttempt(mail: id, number: 1, at: site.now, result: .interrupted, reply: nil)
      ])
    #expect(try site.store.attempts(at: MailID(rawValue: 2)).isEmpty)
  }

  @Test func `an accepted mail, and one that was removed, have no row`() throws {
    try site.store.finish(id, as: .sent, reply: "250 ok", at: site.now)
    #expect(try attempts().isEmpty)
    try site.store.execute("DELETE FROM regctl_outbox")
    try site.store.fail(id, reply: "550 no", at: site.now)
    try deferMail("451 later", in: site.store)
    #expect(try attempts().isEmpty)
  }

  @Test func `a database of version 3 has no attempts until it is migrated`() throws {
    try site.store.execute("DROP TABLE regctl_attempts")
    try site.store.execute("DELETE FROM regctl_schema")
    try site.store.execute("INSERT INTO regctl_schema (version, applied_at) VALUES (3, 1)")
    for access in [Store.Access.reading, .writing] {
      #expect(try attempts(try site.open(for: access)).isEmpty)
    }
    let old = try site.open(for: .writing)
    try deferMail("451 later", in: old)
    try old.requeueAbandonedMails(at: site.now)
    #expect(try old.rowFinding() == nil)
    let report = try Store.migrate(
      site.location, uniqueEmail: false, dryRun: false, busyTimeout: .zero, at: site.now,
      by: Site.actor)
    #expect(report.from == 3)
    #expect(report.steps.contains { $0.contains("regctl_attempts") })
    let new = try site.open(for: .writing)
    try deferMail("452 full", in: new)
    #expect(try attempts(new).map(\.reply) == ["452 full"])
  }

  @Test func `doctor finds an attempt that is not valid`() throws {
    try deferMail("451 later", in: site.store)
    try site.store.execute("UPDATE regctl_attempts SET at = -9223372036854775807")
    let finding = try #require(try site.store.rowFinding())
    guard case .malformedRows(let count, let first) = finding else {
      Issue.record("\(finding)")
      return
    }
    #expect(count == 1)
    let place = TestEngine.choose(sqlite: "regctl_attempts", postgresql: "row 1: at")
    #expect(first.description.contains(place))
  }
}
