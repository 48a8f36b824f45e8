import SQL
import TestSupport
import Testing

@testable import RegctlCore

@Suite("Store+CopiedArchive") struct StoreCopiedArchiveTests: CopiedSites {
  @Test(arguments: [TestEngine.sqlite, .postgresql])
  func `a pruned account comes back after a move`(_ engine: TestEngine) throws {
    let site = try populated(engine)
    let server = engine == .sqlite ? try TemporaryDatabase() : nil
    let location =
      try server.map { try DatabaseLocation($0.address) }
      ?? .file("\(site.directory.path)/moved.db")
    _ = try move(site, to: location)
    let reversals = [
      (store: site.store, name: "before"), (store: try open(location), name: "after"),
    ]
    var accounts: [Account] = []
    for (store, _) in reversals {
      let reversal = try PruneReversal(of: 1, email: nil, at: site.now, by: Site.actor)
      let restored = try #require(try reversal.next(atMost: 9, in: store))
      #expect(restored.map(\.email) == ["ann@x.org"])
      accounts.append(try store.account("ann@x.org"))
    }
    #expect(accounts[0] == accounts[1])
  }
}
