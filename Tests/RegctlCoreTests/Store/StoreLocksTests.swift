import SQL
import TestSupport
import Testing

@testable import RegctlCore

@Suite("Store+Locks") struct StoreLocksTests {
  private func lock(_ word: String, in site: Site) throws {
    _ = try LockAccounts.lock(
      LockTarget(word), reason: "spam", force: false, in: site.store, at: site.now, by: Site.actor)
  }

  @Test func `a lock says when, by whom and why`() throws {
    let site = try Site()
    let ann = try site.register("ann@example.org")
    #expect(try site.store.lock(of: ann) == nil)
    try lock("@example.org", in: site)
    #expect(
      try site.store.lock(of: ann)
        == RegctlCore.Lock(domain: "example.org", at: site.now, actor: "tester", reason: "spam"))
    // That of the account itself comes first.
    try lock("ann@example.org", in: site)
    #expect(try site.store.lock(of: ann)?.domain == nil)
  }

  @Test func `an account that gets a number does not inherit the lock`() throws {
    let site = try Site()
    let ann = try site.register("ann@example.org")
    try lock("ann@example.org", in: site)
    try site.store.execute("DELETE FROM {table}")
    try site.freeReservedNumbers()
    try site.giveNumbersFrom(1)
    let bob = try site.register("bob@example.org")
    #expect(bob.id == ann.id)
    #expect(try !site.store.account("bob@example.org").isLocked)
    #expect(try !site.store.withholdsPassword(of: bob.id))
  }

  @Test func `an older database has no locks, and cannot get any`() throws {
    let site = try Site()
    try site.register("ann@example.org")
    try site.store.execute(
      """
      DROP TABLE regctl_locks; DROP TABLE regctl_locked_passwords;
      UPDATE regctl_schema SET version = 3
      """)
    let store = try site.open(for: .reading)
    #expect(try !store.account("ann@example.org").isLocked)
    #expect(throws: RegctlError.store(.objectsMissing(["table regctl_locks"]))) {
      try LockAccounts.unlock(
        LockTarget("ann@example.org"), in: store, at: site.now, by: Site.actor)
    }
    let report = try Store.migrate(
      site.location, uniqueEmail: false, dryRun: false, busyTimeout: .zero, at: site.now,
      by: Site.actor)
    #expect(report.steps.contains { $0.contains("regctl_locks") })
    #expect(try site.open(for: .writing).lock(ofDomainOf: "ann@example.org") == nil)
  }
}
