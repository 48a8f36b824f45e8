import SQL
import TestSupport
import Testing

@testable import RegctlCore

@Suite("Store+Deletions") struct StoreDeletionsTests {
  private func site() throws -> Site {
    let site = try Site()
    try site.register("ann@example.org")
    try site.register("bob@example.org")
    _ = try DeleteAccount.perform(
      "ann@example.org", reason: "asked for it", force: false, in: site.store, at: site.now,
      by: Site.actor)
    return site
  }

  @Test func `a deletion is found by address and by number`() throws {
    let site = try site()
    let deletion = try site.store.deletion(of: "ANN@example.org")
    #expect(
      deletion
        == Deletion(
          entry: 4, account: AccountID(rawValue: 1), email: "ann@example.org", at: site.now,
          actor: "tester", reason: "asked for it", isArchived: true))
    #expect(try site.store.deletion(of: AccountID(rawValue: 1)) == deletion)
    #expect(try site.store.deletion(of: "bob@example.org") == nil)
    #expect(try site.store.deletion(of: AccountID(rawValue: 2)) == nil)
  }

  @Test func `whoever asks for a deleted account is told, and the later removal counts`() throws {
    let site = try site()
    let deletion = try #require(try site.store.deletion(of: "ann@example.org"))
    #expect(throws: RegctlError.account(.deleted(deletion))) {
      try site.store.account("ann@example.org")
    }
    site.now = site.now + .seconds(60)
    let again = try site.register("ann@example.org")
    try site.store.transaction { () throws(RegctlError) in
      let run = try site.store.beginPruneRun(cutoff: site.now, at: site.now, by: Site.actor)
      _ = try site.store.archive([again.id], run: run, at: site.now)
    }
    #expect(throws: RegctlError.account(.pruned(email: "ann@example.org", run: 1))) {
      try site.store.account("ann@example.org")
    }
  }

  @Test func `an account deleted by an older version is not in the archive`() throws {
    let site = try site()
    try site.store.execute("DELETE FROM regctl_archive")
    #expect(try site.store.deletion(of: "ann@example.org")?.isArchived == false)
  }

  @Test func `a deleted account is in no prune run`() throws {
    let site = try site()
    #expect(try site.store.pruneRun(of: "ann@example.org") == nil)
    #expect(try site.store.pruneRuns() == [])
    #expect(try site.store.candidates(prunedWithPrefix: "a") == [])
    #expect(
      try site.store.candidates(deletedWithPrefix: "A")
        == [Candidate("ann@example.org", "deleted")])
  }
}
