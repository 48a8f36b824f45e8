import SQL
import System
import TestSupport
import Testing

@testable import RegctlCore

@Suite("Erase") struct EraseTests {
  private let site: Site

  /// A site with Ann, whom it knows from many sides, and Bob.
  init() throws {
    site = try Site()
    try site.register("ann@example.org")
    try site.confirmByHand("ann@example.org")
    try site.register("bob@example.org")
  }

  @discardableResult
  private func erase(
    _ word: String, reason: String = "ticket 1", force: Bool = false
  ) throws -> Erase.Traces {
    try Erase.perform(
      word, reason: reason, force: force, in: site.store, at: site.now, by: Site.actor)
  }

  private func delete(_ email: String) throws {
    _ = try DeleteAccount.perform(
      email, reason: "asked", force: false, in: site.store, at: site.now, by: Site.actor)
  }

  private func changeEmail(_ old: String, to new: String) throws {
    _ = try ChangeEmail(to: EmailAddress(new), site.configuration())
      .perform(old, in: site.store, at: site.now, by: Site.actor(because: "moved"))
  }

  /// The tables of regctl and of the application, and the rows in which a text is found.
  private func traces(of text: String) throws -> [String] {
    let queries: [(String, Statement)] = [
      ("users", "SELECT CAST(email AS TEXT) || password FROM users"),
      ("outbox", "SELECT email || coalesce(last_reply, '') FROM regctl_outbox"),
      ("changes", "SELECT old_email || new_email FROM regctl_email_changes"),
      ("archive", "SELECT CAST(email AS TEXT) FROM regctl_archive"),
      ("locks", "SELECT coalesce(email, '') || reason FROM regctl_locks"),
      ("passwords", "SELECT email FROM regctl_locked_passwords"),
      ("accounts", "SELECT coalesce(deleted_email, '') FROM regctl_audit_accounts"),
      (
        "audit",
        """
        SELECT coalesce(email, '') || ' ' || coalesce(new_email, '') || ' ' || coalesce(detail, '')
          || ' ' || coalesce(reason, '') FROM regctl_audit
        """
      ),
    ]
    return try queries.filter { _, statement in
      try site.store.rows(statement) { $0.text(0) }.contains { $0.contains(text) }
    }.map(\.0)
  }

  @Test func `an account is erased with its mails and its address in the audit`() throws {
    let before = try site.store.newestAuditLink().hash
    _ = try site.token("ann@example.org")
    let known = try Erase.preview("ANN@example.org", force: false, in: site.store)
    let erased = try erase("ann@example.org")
    #expect(known == erased)
    #expect(
      erased
        == Erase.Traces(
          email: "ann@example.org", account: AccountID(rawValue: 1), archived: 0, mails: 1,
          entries: 3))
    #expect(try traces(of: "ann@") == [])
    #expect(try traces(of: "bob@") == ["users", "outbox", "audit"])
    let proof = try site.store.verifyAudit(including: before)
    #expect((proof.count, proof.erased) == (6, 3))
    let entry = try site.store.auditEntries(
      after: ListPlace(value: .null, number: 5), matching: AuditFilter(), limit: 9
    ).last?.entry
    #expect(
      entry
        == AuditEntry(
          act: .erase, at: site.now, actor: Site.actor, account: AccountID(rawValue: -1),
          detail: "entries 2-3,5", reason: "ticket 1"))
  }

  @Test func `an erased person is not known any more, and can register again`() throws {
    try erase("ann@example.org")
    #expect(throws: RegctlError.account(.notFound("ann@example.org"))) {
      try erase("ann@example.org")
    }
    #expect(throws: RegctlError.account(.notFound("1"))) { try erase("1") }
    #expect(throws: RegctlError.account(.notFound("ann@example.org"))) {
      try site.store.account("ann@example.org")
    }
    let again = try site.register("ann@example.org")
    #expect(again.id.rawValue > 2)
    #expect(try site.acts(on: "ann@example.org") == [.register])
  }

  @Test(arguments: ["ann@example.org", "1"])
  func `a deleted account is erased from the archive`(_ word: String) throws {
    try delete("ann@example.org")
    let erased = try erase(word)
    #expect(erased.account == nil)
    #expect((erased.archived, erased.entries) == (1, 3))
    #expect(try traces(of: "ann@") == [])
    #expect(try site.store.verifyAudit(including: nil).erased == 3)
    #expect(throws: RegctlError.account(.notFound("1"))) {
      try UndeleteAccount.perform(
        .id(AccountID(rawValue: 1)), newID: false, in: site.store, at: site.now,
        by: Site.actor)
    }
  }

  @Test func `former addresses and earlier accounts are erased too`() throws {
    try changeEmail("bob@example.org", to: "rob@example.org")
    try delete("rob@example.org")
    try site.register("bob@example.org")
    try site.confirmByHand("bob@example.org")
    try site.requestEmailChange("bob@example.org", to: "robert@example.org")
    let erased = try erase("bob@example.org")
    #expect(erased.archived == 1)
    for name in ["bob@", "rob@", "robert@"] { #expect(try traces(of: name) == []) }
    #expect(try traces(of: "ann@") == ["users", "outbox", "audit"])
    _ = try site.store.verifyAudit(including: nil)
  }

  @Test func `an address that another account has now stays with that account`() throws {
    try changeEmail("bob@example.org", to: "rob@example.org")
    try site.register("bob@example.org")
    try erase("rob@example.org")
    #expect(try traces(of: "rob@") == [])
    #expect(try site.acts(on: "bob@example.org") == [.register])
    #expect(try traces(of: "bob@") == ["users", "outbox", "audit"])
    _ = try site.store.verifyAudit(including: nil)
  }

  @Test func `a former address alone does not erase the account that has another now`() throws {
    try changeEmail("bob@example.org", to: "rob@example.org")
    let former = SimilarAddress(
      email: "bob@example.org", holder: .former(present: "rob@example.org"))
    #expect(throws: RegctlError.account(.notFoundButSimilar("bob@example.org", [former]))) {
      try erase("bob@example.org")
    }
  }

  @Test func `a lock, its password and the mark of an account without one are erased`() throws {
    _ = try LockAccounts.lock(
      .account(email: "ann@example.org"), reason: "spam from ann@example.org", force: false,
      in: site.store, at: site.now, by: Site.actor)
    let hashes = try site.store.rows("SELECT password FROM regctl_locked_passwords") { $0.text(0) }
    try erase("ann@example.org")
    #expect(try traces(of: "ann@") == [])
    // Bob has the same hash: one process needs one.
    #expect(try hashes.map { try count(of: $0) } == [1])
    try erase("bob@example.org")
    #expect(try hashes.map { try count(of: $0) } == [0])
  }

  private func count(of hash: String) throws -> Int {
    try site.store.first("SELECT count(*) FROM regctl_no_password WHERE hash = $1", .text(hash)) {
      $0.count(0)
    } ?? 0
  }

  @Test func `what is said of a person elsewhere is erased`() throws {
    _ = try DeleteAccount.perform(
      "bob@example.org", reason: "same as Ann@Example.org", force: false, in: site.store,
      at: site.now, by: Site.actor)
    try erase("ann@example.org")
    for spelling in ["ann@", "Ann@"] { #expect(try traces(of: spelling) == []) }
    #expect(try traces(of: "bob@") == ["outbox", "archive", "audit"])
    _ = try site.store.verifyAudit(including: nil)
  }

  @Test func `entries about several accounts keep their accounts without the address`() throws {
    _ = try site.authority().issue(
      .confirm, for: ["ann@example.org", "bob@example.org"], in: site.store, at: site.now,
      by: Site.actor)
    try erase("ann@example.org")
    #expect(try traces(of: "ann@") == [])
    #expect(try site.store.verifyAudit(including: nil).count == 6)
  }

  @Test func `the last administrator is kept`() throws {
    try site.createAdministrator("root@example.org")
    #expect(throws: RegctlError.account(.lastAdministrator(email: "root@example.org"))) {
      try erase("root@example.org")
    }
    #expect(try erase("root@example.org", force: true).entries == 1)
  }

  @Test func `a reason with the address is refused`() throws {
    #expect(throws: RegctlError.account(.reasonNamesPerson)) {
      try erase("1", reason: "ANN@example.org wants it")
    }
    #expect(try site.store.accountIfAny("ann@example.org") != nil)
  }

  @Test(.only(.sqlite, "a server keeps files of its own"))
  func `a file has no byte of an erased person`() throws {
    // Rows were moved and deleted before, without being overwritten.
    try changeEmail("bob@example.org", to: "robert@example.org")
    for number in 0..<200 { try site.register("user\(number)@example.org") }
    try site.store.execute("DELETE FROM regctl_attempts; UPDATE regctl_audit SET uid = uid")
    #expect(try bytes(of: "robert@example.org"))
    try erase("robert@example.org")
    #expect(try site.store.overwriteDeleted())
    for name in ["bob@example.org", "robert@example.org"] { #expect(try !bytes(of: name)) }
    #expect(try bytes(of: "user199@example.org"))
  }

  /// Whether a file of the database contains a text.
  private func bytes(of text: String) throws -> Bool {
    try ["", "-wal", "-journal", "-shm"].contains { suffix in
      let path = site.path + suffix
      guard try FileSystem.status(of: path) != nil else { return false }
      let content = try FileSystem.read(path, atMost: 100_000_000)
      let text = Array(text.utf8)
      return content.indices.dropLast(text.count).contains {
        content[$0] == text[0] && content[$0..<($0 + text.count)].elementsEqual(text)
      }
    }
  }

  @Test func `a database of an older schema is refused`() throws {
    site.store.auditForm = .plain
    #expect(
      throws: RegctlError.store(.objectsMissing(["the commitments of table regctl_audit"]))
    ) { try erase("ann@example.org") }
  }
}
