import SQL
import Testing

@testable import RegctlCore

@Suite("HistoryAdvice") struct HistoryAdviceTests {
  private let site: Site
  private let id = MailID(rawValue: 1)

  init() throws {
    site = try Site()
    try site.register("ann@example.org")
  }

  private var advice: HistoryAdvice {
    get throws {
      try site.history(of: "ann@example.org").advice
    }
  }

  private func refusal(
    _ reply: String?, _ cause: RefusalCause, likely: String? = nil
  ) -> HistoryAdvice.Refusal {
    HistoryAdvice.Refusal(mail: id, reply: reply, cause: cause, likely: likely)
  }

  @Test(arguments: ["ann@example.org", "@example.org"])
  func `nothing but to unlock is advised for a locked account`(_ target: String) throws {
    _ = try LockAccounts.lock(
      LockTarget(target), reason: "spam", force: false, in: site.store, at: site.now,
      by: Site.actor)
    let lock = try #require(try site.store.lock(of: site.store.account("ann@example.org")))
    #expect(try advice == .unlock(lock))
  }

  @Test(arguments: [OutboxEntry.State.sent, .cancelled])
  func `after a mail that was sent or cancelled the advice is to send another`(
    _ state: OutboxEntry.State
  ) throws {
    try site.store.finish(id, as: state, reply: "550 5.1.1 no", at: site.now)
    #expect(try advice == .resendLater(from: site.now + .seconds(120)))
    site.now = site.now + .seconds(119)
    #expect(try advice == .resendLater(from: site.now + .seconds(1)))
    site.now = site.now + .seconds(1)
    #expect(try advice == .resend)
  }

  @Test(arguments: [OutboxEntry.State.failed, .expired])
  func `the last reply decides on a mail that was not accepted`(_ state: OutboxEntry.State) throws {
    try site.store.finish(id, as: state, reply: "550 5.1.1 no", at: site.now)
    #expect(try advice == .fixAddress(refusal("550 5.1.1 no", .address)))
    try site.store.finish(id, as: state, reply: "452 4.2.2 full", at: site.now)
    #expect(try advice == .otherWay(refusal("452 4.2.2 full", .mailbox)))
    try site.store.finish(id, as: state, reply: "554 5.7.1 denied", at: site.now)
    #expect(try advice == .checkSetup(refusal("554 5.7.1 denied", .sender)))
  }

  @Test func `a reply that does not tell leads to the address if it is final`() throws {
    try site.store.finish(id, as: .failed, reply: "550 no", at: site.now)
    #expect(try advice == .fixAddress(refusal("550 no", .unknown)))
    site.now = site.now + .seconds(120)
    try site.store.finish(id, as: .expired, reply: "451 later", at: site.now)
    #expect(try advice == .resend)
  }

  @Test func `only for a mail that is due the advice is to deliver`() throws {
    #expect(try advice == .deliver(waitingSince: site.now))
    _ = try site.store.beginAttempts([id])
    #expect(try advice == .deliver(waitingSince: site.now))
    let due = site.now + .seconds(60)
    try site.store.deferMail(
      id, reply: "452 4.2.2 full", isPossibleDuplicate: false, at: site.now, until: due)
    #expect(try advice == .wait(until: due, refusal("452 4.2.2 full", .mailbox)))
    site.now = due
    #expect(try advice == .deliver(waitingSince: Site.start))
  }

  @Test func `a mail that waits after a permanent reply was refused for a fault on this side`()
    throws
  {
    let due = site.now + .seconds(60)
    try site.store.deferMail(
      id, reply: "550 refused", isPossibleDuplicate: false, at: site.now, until: due)
    #expect(try advice == .wait(until: due, refusal("550 refused", .sender)))
  }

  @Test func `a mail that waits for its time has no reply`() throws {
    let due = site.now + .seconds(60)
    try site.store.reschedule(id, as: .confirm, at: site.now, due: due)
    #expect(try advice == .wait(until: due, nil))
  }

  @Test func `a mistyped domain is named, but not when the sender is at fault`() throws {
    for name in ["root", "boss"] { try site.createAdministrator("\(name)@example.net") }
    try site.store.execute("UPDATE users SET email = 'ann@exmaple.net' WHERE id = 1")
    func advice(_ reply: String) throws -> HistoryAdvice {
      try site.store.finish(id, as: .failed, reply: reply, at: site.now)
      return try site.history(of: "ann@exmaple.net").advice
    }
    #expect(
      try advice("550 5.1.2 no")
        == .fixAddress(refusal("550 5.1.2 no", .address, likely: "ann@example.net")))
    #expect(try advice("550 5.7.1 no") == .checkSetup(refusal("550 5.7.1 no", .sender)))
  }

  @Test func `without a mail the advice is to send one`() throws {
    try site.store.execute("DELETE FROM regctl_outbox")
    #expect(try advice == .resend)
  }

  @Test func `a confirmed account gets no advice`() throws {
    try site.confirmByHand("ann@example.org")
    #expect(try advice == .nothing)
  }
}
