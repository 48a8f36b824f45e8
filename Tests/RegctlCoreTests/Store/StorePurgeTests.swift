import SQL
import TestSupport
import Testing

@testable import RegctlCore

@Suite("Store+Purge") struct StorePurgeTests {
  @Test func `what is deleted from a file is overwritten`() throws {
    let site = try Site()
    try site.store.overwriteWhatIsDeleted()
    guard TestEngine.current == .sqlite else { return }
    #expect(try site.store.first("PRAGMA secure_delete") { $0.integer(0) } == 1)
  }

  @Test func `an archived account that is gone meanwhile is not purged`() throws {
    let site = try Site()
    #expect(try !site.store.purge(ListPlace(value: .integer(1), number: 1)))
  }

  @Test func `an archived account of an unknown run is kept`() throws {
    let site = try Site()
    try site.register("ann@a.org", queuesMail: false)
    _ = try DeleteAccount.perform(
      "ann@a.org", reason: "left", force: false, in: site.store, at: site.now, by: Site.actor)
    try site.store.execute("UPDATE regctl_archive SET run = 99")
    #expect(try site.store.archivedCount(before: site.now + .seconds(1)) == 0)
  }

  @Test func `an address without a domain leaves none`() throws {
    let site = try Site()
    try site.register("ann@a.org", queuesMail: false)
    try site.store.execute("UPDATE users SET email = 'ann'")
    try site.store.transaction { () throws(RegctlError) in
      let run = try site.store.beginPruneRun(cutoff: site.now, at: site.now, by: Site.actor)
      _ = try site.store.archive([AccountID(rawValue: 1)], run: run, at: site.now)
      #expect(try site.store.purge(ListPlace(value: .integer(run), number: 1)))
    }
    #expect(
      try site.store.first("SELECT domain FROM regctl_purged_accounts") { $0.text(0) } == "")
  }
}
