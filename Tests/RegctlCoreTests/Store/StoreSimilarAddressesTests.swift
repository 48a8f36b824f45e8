import SQL
import TestSupport
import Testing

@testable import RegctlCore

@Suite("Store+SimilarAddresses") struct StoreSimilarAddressesTests {
  @Test func `accounts, pruned, deleted and former addresses are found`() throws {
    let site = try Site()
    let pruned = try site.register("ann.smith333@example.org")
    try site.register("ann.smith1@example.org")
    let moved = try site.register("ann.smith22@example.org")
    let gone = try site.register("ann.smithxyz@example.org")
    try site.register("last@example.org")
    try site.store.transaction { () throws(RegctlError) in
      try site.store.setEmail(moved.id, "elsewhere@example.net")
      try site.store.delete(gone.id, at: site.now)
      let run = try site.store.beginPruneRun(cutoff: site.now, at: site.now, by: Site.actor)
      _ = try site.store.archive([pruned.id], run: run, at: site.now)
    }
    #expect(
      try site.store.addresses(similarTo: "ann.smith@example.org") == [
        SimilarAddress(email: "ann.smith1@example.org", holder: .account),
        SimilarAddress(
          email: "ann.smith22@example.org", holder: .former(present: "elsewhere@example.net")),
        SimilarAddress(email: "ann.smith333@example.org", holder: .pruned(run: 1)),
        SimilarAddress(email: "ann.smithxyz@example.org", holder: .deleted),
      ])
  }

  @Test func `nothing resembles an address unlike all`() throws {
    let site = try Site()
    try site.register("ann@x.org")
    #expect(try site.store.addresses(similarTo: "somebody@else.where") == [])
    #expect(try site.store.addresses(similarTo: "") == [])
    #expect(try site.store.addresses(similarTo: "ann\u{0}x.org@x.org") == [])
  }

  @Test func `all of many accounts are considered`() throws {
    let site = try Site()
    try site.store.run(
      Statement(
        sqlite: """
          WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 25000)
          INSERT INTO users (email, password, registered_on, admin, confirmed)
          SELECT printf('%012d@x.org', i * 1000), '!', '2026-01-01', FALSE, FALSE FROM n
          """,
        postgreSQL: """
          INSERT INTO users (email, password, registered_on, admin, confirmed)
          SELECT lpad(CAST(i * 1000 AS TEXT), 12, '0') || '@x.org', '!', '2026-01-01', FALSE, FALSE
          FROM generate_series(1, 25000) i
          """))
    let found = try site.store.addresses(similarTo: "000024999001@x.org")
    #expect(found.first == SimilarAddress(email: "000024999000@x.org", holder: .account))
    #expect(found.count == 5)
  }
}
