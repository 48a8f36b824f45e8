import Testing

@testable import RegctlCore

@Suite("Store+KeyRotations") struct StoreKeyRotationsTests {
  @Test func `the time of each addition is known by its detail`() throws {
    let site = try Site()
    for detail in ["key 1", "dropped 1 key", "key 2"] {
      try site.store.transaction { () throws(RegctlError) in
        _ = try site.store.record(
          AuditEntry(act: .rotateKey, at: site.now, actor: Site.actor, detail: detail))
      }
      site.now = site.now + .seconds(1)
    }
    let additions = try site.store.additionsOfKeys()
    #expect(additions["key 1"] == Site.start)
    #expect(additions["key 2"] == Site.start + .seconds(2))
    #expect(additions["key 3"] == nil)
  }
}
