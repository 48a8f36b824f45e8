import SQL
import TestSupport
import Testing

@testable import RegctlCore

@Suite("Store+Pace") struct StorePaceTests {
  @Test func `mails are counted by the minute, and old minutes forgotten`() throws {
    let site = try Site()
    for (seconds, mails) in [(0, 3), (59, 2), (60, 1), (7300, 4)] as [(Int64, Int)] {
      try site.store.transaction { () throws(RegctlError) in
        let now = site.now + .seconds(seconds)
        try site.store.countSent(mails, at: now, forgettingUntil: now - .seconds(7200))
      }
    }
    #expect(try site.store.mailsSent(sinceMinuteOf: site.now) == 5)
    #expect(try site.store.mailsSent(sinceMinuteOf: site.now + .seconds(61)) == 5)
    #expect(try site.store.mailsSent(sinceMinuteOf: site.now + .seconds(120)) == 4)
    #expect(try site.store.first("SELECT count(*) FROM regctl_pace") { $0.integer(0) } == 2)
  }
}
