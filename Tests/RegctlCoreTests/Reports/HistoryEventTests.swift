import SQL
import Testing

@testable import RegctlCore

@Suite("HistoryEvent") struct HistoryEventTests {
  private let site: Site
  private let id = MailID(rawValue: 1)

  init() throws {
    site = try Site()
    try site.register("ann@example.org")
  }

  /// The events of the mail, but for its beginning.
  private func events() throws -> [HistoryEvent] {
    try site.history(of: "ann@example.org").events
      .filter { $0.mail == id && $0.kind != .mailQueued }
  }

  private func deferMail(_ reply: String) throws {
    site.now = site.now + .seconds(60)
    try site.store.deferMail(
      id, reply: reply, isPossibleDuplicate: false, at: site.now, until: site.now + .seconds(300))
  }

  @Test func `each attempt has its number, its reply and the status in it`() throws {
    try deferMail("452 4.2.2 Over quota")
    try deferMail("451 later")
    let events = try events()
    #expect(events.map(\.kind) == [.mailDeferred, .mailDeferred])
    #expect(events.map(\.attempt) == [1, 2])
    #expect(events.map(\.detail) == ["452 4.2.2 Over quota", "451 later"])
    #expect(events.map(\.status) == ["4.2.2", nil])
    #expect(events.map(\.nextAttemptAt) == [nil, site.now + .seconds(300)])
    #expect(events.map(\.at) == [.moment(site.now - .seconds(60)), .moment(site.now)])
  }

  @Test func `a mail that was accepted in the end has the number of that attempt`() throws {
    try deferMail("451 later")
    try site.store.finish(id, as: .sent, reply: "250 2.0.0 ok", at: site.now)
    let events = try events()
    #expect(events.map(\.kind) == [.mailDeferred, .mailSent])
    #expect(events.map(\.attempt) == [1, 2])
    #expect(events.map(\.nextAttemptAt) == [nil, nil])
    #expect(events.last?.status == "2.0.0")
  }

  @Test func `the attempt that was rejected is the end of the mail`() throws {
    try site.store.fail(id, reply: "550 5.1.1 no", at: site.now)
    let events = try events()
    #expect(events.map(\.kind) == [.mailFailed])
    #expect(events.map(\.attempt) == [1])
    try site.store.requeue(id, at: site.now + .seconds(60))
    #expect(try self.events().map(\.kind) == [.mailFailed])
  }

  @Test func `a mail that failed without an attempt has no number of one`() throws {
    try site.store.finish(id, as: .failed, reply: "confirm_url is not set", at: site.now)
    #expect(try events().map(\.attempt) == [nil])
  }

  @Test func `a mail that expired has the attempts before`() throws {
    try deferMail("451 later")
    try site.store.finish(id, as: .expired, reply: "451 later", at: site.now + .seconds(9))
    #expect(try events().map(\.kind) == [.mailDeferred, .mailExpired])
    #expect(try events().map(\.attempt) == [1, nil])
  }

  @Test func `an attempt whose process died is an event`() throws {
    _ = try site.store.beginAttempts([id])
    try site.store.requeueAbandonedMails(at: site.now)
    #expect(try events().map(\.kind) == [.mailInterrupted])
    #expect(try events().map(\.nextAttemptAt) == [nil])
  }

  @Test(
    arguments: [
      ("mail 7", MailID(rawValue: 7), nil), ("run 3", nil, 3), ("run 3, was number 2", nil, 3),
      ("run", nil, nil), ("mail seven", nil, nil), ("called about mail 7", nil, nil),
      (nil, nil, nil),
    ] as [(String?, MailID?, Int64?)])
  func `the numbers in a detail are fields`(
    _ detail: String?, mail: MailID?, run: Int64?
  ) throws {
    let event = HistoryEvent(
      AuditEntry(
        act: .prune, at: site.now, actor: Site.actor, detail: detail, reason: "mail 9"))
    #expect(event.mail == mail)
    #expect(event.run == run)
    #expect(event.detail == (detail.map { "\($0): mail 9" } ?? "mail 9"))
  }

  @Test func `no two kinds share a code`() {
    let codes = HistoryEvent.Kind.all.map(\.code)
    #expect(Set(codes).count == codes.count)
  }
}
