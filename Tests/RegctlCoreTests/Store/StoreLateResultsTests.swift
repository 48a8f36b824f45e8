import SQL
import Testing

@testable import RegctlCore

@Suite("Store+LateResults") struct StoreLateResultsTests {
  private let site: Site
  private let id: MailID

  init() throws {
    site = try Site()
    try site.register("ann@x.org")
    id = MailID(rawValue: 1)
    #expect(try site.store.beginAttempts([id]) == [id])
  }

  private var mail: OutboxEntry { get throws { try #require(try site.store.mail(id)) } }

  @Test func `the result of the present attempt is recorded`() throws {
    try site.store.finishLate(id, attempt: 1, as: .sent, reply: "250 ok", at: site.now)
    #expect(try mail.state == .sent)
    #expect(try mail.lastReply == "250 ok")
    #expect(try mail.finishedAt == site.now)
    #expect(try mail.nextAttemptAt == nil)
  }

  @Test func `a mail is deferred after the present attempt`() throws {
    let due = site.now + .seconds(60)
    try site.store.deferLate(
      id, attempt: 1, reply: "451 later", isPossibleDuplicate: true, at: site.now, until: due)
    #expect(try mail.state == .queued)
    #expect(try mail.nextAttemptAt == due)
    #expect(try mail.isPossibleDuplicate)
    #expect(try mail.attempts == 1)
    #expect(try site.store.attempts(at: id).map(\.reply) == ["451 later"])
  }

  @Test func `a rejected attempt is recorded, an accepted one is in the mail itself`() throws {
    try site.store.finishLate(id, attempt: 1, as: .failed, reply: "550 no", at: site.now)
    #expect(try site.store.attempts(at: id).map(\.result) == [.failed])
  }

  @Test func `an attempt that was not made is not counted`() throws {
    try site.store.withdrawLate(id, attempt: 1, due: site.now)
    #expect(try mail.state == .queued)
    #expect(try mail.attempts == 0)
  }

  @Test func `after another process took over, nothing changes`() throws {
    try site.store.requeueAbandonedMails(at: site.now)
    let requeued = try mail
    try recordAll()
    #expect(try mail == requeued)
    #expect(try site.store.beginAttempts([id]) == [id])
    let claimed = try mail
    try recordAll()
    #expect(try mail == claimed)
    #expect(try site.store.attempts(at: id).map(\.result) == [.interrupted])
  }

  /// Records every kind of result of the first attempt.
  private func recordAll() throws {
    try site.store.finishLate(id, attempt: 1, as: .sent, reply: "250 ok", at: site.now)
    try site.store.deferLate(
      id, attempt: 1, reply: "451 later", isPossibleDuplicate: false, at: site.now,
      until: site.now)
    try site.store.withdrawLate(id, attempt: 1, due: site.now)
  }
}
