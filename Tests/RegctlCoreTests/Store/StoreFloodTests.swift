import SQL
import TestSupport
import Testing

@testable import RegctlCore

@Suite("Store+Flood") struct StoreFloodTests {
  private let site: Site

  /// Ann registered two hours ago, Bob and Eve just now.
  init() throws {
    site = try Site()
    try site.register("ann@example.org")
    site.now = site.now + .seconds(7200)
    for name in ["bob", "eve"] { try site.register("\(name)@example.org") }
  }

  private func hold(since moment: Instant) throws -> Int {
    try site.store.transaction { () throws(RegctlError) in
      try site.store.holdConfirmations(since: moment)
    }
  }

  private func states() throws -> [String] {
    try site.store.rows("SELECT state FROM regctl_outbox ORDER BY id") { $0.text(0) }
  }

  @Test func `only mails to accounts registered since then are new confirmations`() throws {
    let hourAgo = site.now - .seconds(3600)
    #expect(try site.store.newConfirmations(since: hourAgo) == 2)
    // Ann asks for another mail.
    let ann = try site.store.account(named: "ann@example.org")
    _ = try site.store.enqueue(.confirm, to: ann, at: site.now, due: site.now, messageDomain: nil)
    _ = try site.store.enqueue(.reset, to: ann, at: site.now, due: site.now, messageDomain: nil)
    #expect(try site.store.newConfirmations(since: hourAgo) == 2)
    #expect(try site.store.newConfirmations(since: site.now - .seconds(7200)) == 4)
    let all = try site.store.confirmations(from: .init(seconds: 0), to: site.now + .seconds(1))
    #expect(all.count == 4)
    #expect(all.first == site.now - .seconds(7200))
    #expect(try site.store.confirmations(from: hourAgo, to: hourAgo + .seconds(9)).first == nil)
  }

  @Test func `only first mails that are queued are held`() throws {
    let bob = try site.store.account(named: "bob@example.org")
    _ = try site.store.enqueue(.confirm, to: bob, at: site.now, due: site.now, messageDomain: nil)
    try site.store.finish(MailID(rawValue: 3), as: .sent, reply: nil, at: site.now)
    #expect(try hold(since: site.now - .seconds(3600)) == 1)
    #expect(try states() == ["queued", "held", "sent", "queued"])
    #expect(try site.store.holdsMail(to: bob.id))
    try site.store.transaction { () throws(RegctlError) in
      try site.store.cancelHeldMail(of: bob.id, at: site.now)
    }
    #expect(try states() == ["queued", "cancelled", "sent", "queued"])
    #expect(try !site.store.holdsMail(to: bob.id))
  }
}
