import SQL
import TestSupport
import Testing

@testable import RegctlCore

@Suite("Store+PurgedMails") struct StorePurgedMailsTests {
  @Test func `mails are counted by state over all accounts`() throws {
    let site = try Site()
    for name in ["ann", "bob", "eve"] { try site.register("\(name)@a.org") }
    for number in 1...2 {
      try site.store.finish(
        MailID(rawValue: Int64(number)), as: .sent, reply: nil,
        at: site.now + .seconds(Int64(number)))
    }
    try site.store.transaction { () throws(RegctlError) in
      #expect(try site.store.purgeMails(1...9, before: site.now + .seconds(60)) == 2)
    }
    let totals = try site.store.purgedMailTotals()
    #expect(totals.map(\.state) == [.sent])
    #expect(totals.map(\.mails.count) == [2])
    #expect(totals.map(\.mails.lastFinished) == [site.now + .seconds(2)])
  }

  @Test func `the mails of an account that is gone are not those of another`() throws {
    let site = try Site()
    try site.register("ann@a.org")
    try site.store.finish(MailID(rawValue: 1), as: .sent, reply: nil, at: site.now)
    try site.store.transaction { () throws(RegctlError) in
      _ = try site.store.purgeMails(1...1, before: site.now + .seconds(1))
      try site.store.delete(AccountID(rawValue: 1), at: site.now)
    }
    #expect(
      try site.store.first("SELECT account_id FROM regctl_purged_mails") { $0.integer(0) } == -1)
  }
}
