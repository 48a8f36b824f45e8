import SQL
import TestSupport
import Testing

@testable import RegctlCore

@Suite("Store+Outbox") struct StoreOutboxTests {
  private func site() throws -> (Site, Account) {
    let site = try Site()
    return (site, try site.register("ann@example.org"))
  }

  private func enqueue(to account: Account, due: Instant, in site: Site) throws {
    _ = try site.store.enqueue(
      .confirm, to: account, at: site.now, due: due, messageDomain: "app.example")
  }

  private func mail(_ id: Int64, in site: Site) throws -> OutboxEntry {
    try #require(try site.store.mail(MailID(rawValue: id)))
  }

  /// The mails with valid rows.
  private static func readable(_ mails: [Store.WaitingMail]) -> [OutboxEntry] {
    mails.compactMap { if case .readable(let entry) = $0 { entry } else { nil } }
  }

  @Test func `a queued mail contains no token`() throws {
    let (site, ann) = try site()
    let entry = try mail(1, in: site)
    #expect(entry.account == ann.id)
    #expect(entry.email == "ann@example.org")
    #expect(entry.state == .queued)
    #expect(entry.attempts == 0)
    #expect(entry.nextAttemptAt == site.now)
    #expect(entry.sentAt == nil)
    #expect(entry.messageID.wholeMatch(of: /1795424400\.[0-9a-f]{24}@app\.example/) != nil)
  }

  @Test func `no two mails share a Message-ID`() throws {
    let (site, ann) = try site()
    for _ in 0..<100 {
      try enqueue(to: ann, due: site.now, in: site)
    }
    #expect(Set(try site.store.mails(of: ann.id).map(\.messageID)).count == 101)
  }

  @Test func `the mail with the earliest due time comes first`() throws {
    let (site, ann) = try site()
    let due = [30, 10, 20, 40].map { site.now + .seconds($0) }
    for moment in due { try enqueue(to: ann, due: moment, in: site) }
    let found = try site.store.mailsDue(at: site.now + .seconds(30), limit: 10)
    #expect(Self.readable(found).map(\.id.rawValue) == [1, 3, 4, 2])
    #expect(try site.store.mailsDue(at: site.now + .seconds(30), limit: 2).count == 2)
  }

  @Test func `there is work when a mail is due or abandoned`() throws {
    let (site, _) = try site()
    #expect(try !site.store.hasWork(at: site.now - .seconds(1)))
    #expect(try site.store.hasWork(at: site.now))
    _ = try site.store.beginAttempts([MailID(rawValue: 1)])
    #expect(try site.store.hasWork(at: site.now - .seconds(1)))
    try site.store.finish(MailID(rawValue: 1), as: .sent, reply: "ok", at: site.now)
    #expect(try !site.store.hasWork(at: site.now + .seconds(3600)))
  }

  @Test func `a mail abandoned by a process that died is marked as a possible duplicate`() throws {
    let (site, _) = try site()
    _ = try site.store.beginAttempts([MailID(rawValue: 1)])
    try site.store.requeueAbandonedMails(at: site.now)
    let entry = try mail(1, in: site)
    #expect(entry.state == .queued)
    #expect(entry.isPossibleDuplicate)
    #expect(entry.attempts == 1)
  }

  @Test func `an attempt that was not the mail's fault is not counted`() throws {
    let (site, _) = try site()
    let before = try mail(1, in: site)
    _ = try site.store.beginAttempts([before.id])
    try site.store.withdrawAttempt(before.id, due: site.now)
    #expect(try mail(1, in: site) == before)
  }

  @Test func `a withdrawn attempt sets the next due time`() throws {
    let (site, _) = try site()
    let before = try mail(1, in: site)
    _ = try site.store.beginAttempts([before.id])
    try site.store.withdrawAttempt(before.id, due: site.now + .seconds(5))
    #expect(try site.store.nextAttempt() == site.now + .seconds(5))
  }

  @Test func `only an attempt in progress can be withdrawn`() throws {
    let (site, _) = try site()
    let before = try mail(1, in: site)
    try site.store.withdrawAttempt(before.id, due: site.now + .seconds(5))
    #expect(try mail(1, in: site) == before)
  }

  @Test func `a deferred mail keeps its attempt and the reply`() throws {
    let (site, _) = try site()
    let id = MailID(rawValue: 1)
    _ = try site.store.beginAttempts([id])
    try site.store.deferMail(
      id, reply: "451 later", isPossibleDuplicate: false, at: site.now,
      until: site.now + .seconds(60))
    let entry = try mail(1, in: site)
    #expect(entry.state == .queued)
    #expect(entry.attempts == 1)
    #expect(entry.lastReply == "451 later")
    #expect(entry.nextAttemptAt == site.now + .seconds(60))
    #expect(entry.finishedAt == nil)
  }

  @Test func `a possible duplicate stays marked`() throws {
    let (site, _) = try site()
    var marks: [Bool] = []
    for mark in [false, true, false] {
      try site.store.deferMail(
        MailID(rawValue: 1), reply: "", isPossibleDuplicate: mark, at: site.now, until: site.now)
      marks.append(try mail(1, in: site).isPossibleDuplicate)
    }
    #expect(marks == [false, true, true])
  }

  @Test func `a finished mail has the time and the reply`() throws {
    let (site, _) = try site()
    try site.store.finish(MailID(rawValue: 1), as: .failed, reply: "550 no", at: site.now)
    let entry = try mail(1, in: site)
    #expect(entry.state == .failed)
    #expect(entry.finishedAt == site.now)
    #expect(entry.lastReply == "550 no")
    #expect(entry.nextAttemptAt == nil)
    #expect(entry.sentAt == nil)
    #expect(try site.store.nextAttempt() == nil)
  }

  @Test func `a deleted account's queued mail is cancelled, its history kept`() throws {
    let (site, ann) = try site()
    try enqueue(to: ann, due: site.now, in: site)
    try site.store.finish(MailID(rawValue: 1), as: .sent, reply: "ok", at: site.now)
    try site.store.execute("DELETE FROM users")
    #expect(try mail(1, in: site).state == .sent)
    #expect(try mail(2, in: site).state == .cancelled)
    #expect(try mail(2, in: site).lastReply == "the account was deleted")
  }

  @Test func `a mail that kills every delivery process waits longer in the end`() throws {
    let (site, _) = try site()
    let id = MailID(rawValue: 1)
    for attempt in 1...30 {
      #expect(try site.store.beginAttempts([id]) == [id])
      try site.store.requeueAbandonedMails(at: site.now)
      let isDue = try !site.store.mailsDue(at: site.now, limit: 1).isEmpty
      #expect(isDue == (attempt < 30))
    }
    let next = try #require(try mail(1, in: site).nextAttemptAt)
    #expect(next >= site.now + .seconds(240 * 60))
  }

  @Test func `a mail that is not queued is not claimed`() throws {
    let (site, _) = try site()
    let id = MailID(rawValue: 1)
    #expect(try site.store.beginAttempts([id]) == [id])
    #expect(try site.store.beginAttempts([id]).isEmpty)
    #expect(try mail(1, in: site).attempts == 1)
    #expect(try !site.store.setAside(id, reply: "no", at: site.now))
  }

  @Test func `each of several accepted mails has its own reply and time`() throws {
    let (site, ann) = try site()
    for _ in 0..<2 { try enqueue(to: ann, due: site.now, in: site) }
    let ids = (1...3).map { MailID(rawValue: $0) }
    #expect(try site.store.beginAttempts(ids) == Set(ids))
    let sent = [1, 3].map {
      Store.SentMail(
        id: MailID(rawValue: $0), reply: "250 \($0)", at: site.now + .seconds(Int($0)))
    }
    try site.store.execute("DELETE FROM regctl_outbox WHERE id = 2")
    let all = sent + [.init(id: ids[1], reply: "250", at: site.now)]
    try site.store.finishRecording(all, by: site.store.beginRecording(all))
    for mail in sent {
      let entry = try #require(try site.store.mail(mail.id))
      #expect(entry.state == .sent && entry.nextAttemptAt == nil)
      #expect((entry.lastReply, entry.finishedAt) == (mail.reply, mail.at))
    }
  }

  @Test func `the result of a mail removed from the outbox needs no record`() throws {
    let (site, _) = try site()
    try site.store.execute("DELETE FROM regctl_outbox")
    let id = MailID(rawValue: 1)
    try site.store.finish(id, as: .sent, reply: nil, at: site.now)
    try site.store.deferMail(
      id, reply: "", isPossibleDuplicate: false, at: site.now, until: site.now)
  }

  @Test(
    arguments: [
      "UPDATE regctl_outbox SET next_attempt_at = NULL",
      "UPDATE regctl_outbox SET next_attempt_at = 9223372036854775807",
    ]
      + TestEngine.choose(
        sqlite: [
          "UPDATE regctl_outbox SET next_attempt_at = 'soon'",
          "UPDATE regctl_outbox SET next_attempt_at = x'00'",
          "UPDATE regctl_outbox SET next_attempt_at = 1e300",
        ], postgresql: []) as [Statement])
  func `a mail that would never be due is found`(_ sql: Statement) throws {
    let (site, _) = try site()
    try site.store.execute(sql)
    #expect(try site.store.hasWork(at: site.now))
    #expect(try site.store.mailsNeverDue() == [MailID(rawValue: 1)])
    #expect(try site.store.nextAttempt() == nil)
  }
}
