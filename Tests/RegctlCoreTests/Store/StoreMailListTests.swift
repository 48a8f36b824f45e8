import SQL
import TestSupport
import Testing

@testable import RegctlCore

@Suite("Store+MailList") struct StoreMailListTests {
  /// A site with a mail to each of three accounts, a minute apart, the second of which was sent.
  private func site() throws -> Site {
    let site = try Site()
    for email in ["ann@x.org", "bob@y.org", "eve@x.org"] {
      try site.register(email)
      site.now = site.now + .seconds(60)
    }
    try site.store.run(
      "UPDATE regctl_outbox SET state = 'sent', last_reply = '250 2.0.0 Ok' WHERE email = $1",
      .text("bob@y.org"))
    return site
  }

  /// The recipients of the selected mails, read in batches of two.
  private func emails(
    in site: Site, _ change: (inout OutboxFilter) throws -> Void = { _ in }
  ) throws -> [String] {
    var filter = OutboxFilter()
    try change(&filter)
    var emails: [String] = []
    var last: ListPlace?
    while true {
      let mails = try site.store.mails(after: last, matching: filter, limit: 2)
      guard let newest = mails.last, mails.count <= 2 else { break }
      emails += mails.map(\.email)
      last = filter.order.place(of: newest)
    }
    #expect(try site.store.mailCount(matching: filter) == emails.count)
    return emails
  }

  @Test func `mails are listed in either direction`() throws {
    let all = ["ann@x.org", "bob@y.org", "eve@x.org"]
    #expect(try emails(in: site()) == all)
    #expect(try emails(in: site()) { $0.order = .newestFirst } == all.reversed())
  }

  @Test func `mails are listed by the bytes of their addresses`() throws {
    let site = try site()
    try site.register("Zoe@x.org")
    try site.store.run("UPDATE regctl_outbox SET email = $1 WHERE id = 3", .text("ann@x.org"))
    var filter = OutboxFilter()
    filter.order = .email
    let mails = try site.store.mails(after: nil, matching: filter, limit: 9)
    #expect(mails.map(\.id.rawValue) == [4, 1, 3, 2])
    #expect(try emails(in: site) { $0.order = .email } == mails.map(\.email))
  }

  @Test func `mails are selected by state and account`() throws {
    let site = try site()
    let bob = try site.store.account("bob@y.org").id
    #expect(try emails(in: site) { $0.states = [.queued] } == ["ann@x.org", "eve@x.org"])
    #expect(try emails(in: site) { $0.states = [.queued, .sent] }.count == 3)
    #expect(try emails(in: site) { $0.states = [] } == [])
    #expect(try emails(in: site) { $0.accounts = [bob] } == ["bob@y.org"])
    #expect(try emails(in: site) { $0.accounts = [] } == [])
  }

  @Test func `mails are selected by domain, time and reply`() throws {
    let site = try site()
    #expect(try emails(in: site) { $0.domain = "x.ORG" } == ["ann@x.org", "eve@x.org"])
    #expect(try emails(in: site) { $0.domain = "org" } == [])
    #expect(
      try emails(in: site) { $0.queuedSince = Site.start + .seconds(60) }
        == ["bob@y.org", "eve@x.org"])
    #expect(try emails(in: site) { $0.queuedBefore = Site.start + .seconds(60) } == ["ann@x.org"])
    #expect(
      try emails(in: site) { $0.queuedBefore = Site.start + .microseconds(1) } == ["ann@x.org"])
    #expect(try emails(in: site) { $0.reply = ReplyPrefix("2.0") } == ["bob@y.org"])
    #expect(try emails(in: site) { $0.reply = ReplyPrefix("25") } == ["bob@y.org"])
    #expect(try emails(in: site) { $0.reply = ReplyPrefix("5") } == [])
  }
}
