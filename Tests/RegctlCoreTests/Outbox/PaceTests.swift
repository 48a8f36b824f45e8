import SQL
import TestSupport
import Testing

@testable import RegctlCore

@Suite("Pace") struct PaceTests {
  @Test func `without a limit all may be sent, and nothing is counted`() throws {
    let site = try Site()
    let pace = Pace(mailsPerHour: nil)
    try site.store.transaction { () throws(RegctlError) in
      try pace.count(5, in: site.store, at: site.now)
    }
    #expect(try pace.allowance(withClaimed: 9, in: site.store, at: site.now) == .max)
    #expect(try site.store.first("SELECT count(*) FROM regctl_pace") { $0.integer(0) } == 0)
  }

  @Test func `without the tables of schema 7 nothing is limited`() throws {
    let site = try Site()
    try site.store.execute("DROP TABLE regctl_pace")
    site.store.keepsMoments = false
    let pace = Pace(mailsPerHour: 10)
    try site.store.transaction { () throws(RegctlError) in
      try pace.count(5, in: site.store, at: site.now)
    }
    #expect(try pace.allowance(withClaimed: 9, in: site.store, at: site.now) == .max)
  }

  @Test func `an hour has no more mails than its limit`() throws {
    let site = try Site()
    let pace = Pace(mailsPerHour: 10)
    try site.store.transaction { () throws(RegctlError) in
      try pace.count(7, in: site.store, at: site.now)
    }
    func allowance(after seconds: Int64, claimed: Int = 0) throws -> Int {
      try pace.allowance(
        withClaimed: claimed, in: site.store, at: site.now + .seconds(seconds))
    }
    #expect(try allowance(after: 0) == 3)
    #expect(try allowance(after: 0, claimed: 2) == 1)
    #expect(try allowance(after: 0, claimed: 9) == 0)
    #expect(try allowance(after: 3659) == 3)
    #expect(try allowance(after: 3660) == 10)
  }
}
