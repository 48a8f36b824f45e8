import OpenSSL
import SQL
import Testing

@testable import RegctlCore

@Suite("Store+HashingEffort") struct StoreHashingEffortTests {
  private static let tail = "$abcdefghijklmnopqrstuuQe66hACgXZ.ImKMvPGdqru0gQrWJ8Ju"
  private let site: Site

  init() throws { site = try Site() }

  /// Registers accounts with a hash, one after the other.
  private func add(_ count: Int, _ hash: String) throws {
    try site.store.run(
      """
      WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $1)
      INSERT INTO users (email, password, registered_on, admin, confirmed)
      SELECT i || CAST($2 AS TEXT) || '@example.org', $2, '2026-01-01', FALSE, FALSE FROM n
      """, .integer(Int64(count)), .text(hash))
  }

  private func effort() throws -> HashingEffort {
    try site.store.hashingEffort(configured: .bcrypt(cost: 10))
  }

  @Test func `an empty table has the configured cost`() throws {
    #expect(try effort() == HashingEffort(configured: .bcrypt(cost: 10), stored: []))
  }

  @Test func `the newest five hundred hashes are counted`() throws {
    try add(900, "$2b$12\(Self.tail)")
    #expect(try effort().usual == .bcrypt(cost: 12))
    try add(251, "$2b$06\(Self.tail)")
    #expect(try effort().usual == .bcrypt(cost: 6))
    #expect(try effort().totals == [.bcrypt(cost: 10)])
  }

  @Test func `invalid hashes and costs that are not run are not counted`() throws {
    try add(1, "$2a$11\(Self.tail)")
    try add(2, "!")
    try add(3, "$2b$16\(Self.tail)")
    try add(4, "scrypt:32768:8:1$abc$def")
    #expect(try effort().usual == .bcrypt(cost: 11))
  }

  @Test func `hashes of Werkzeug are counted, and accounts without a password are not`() throws {
    try add(2, "pbkdf2:sha256:1000$abc$" + String(repeating: "0", count: 64))
    for number in 1...4 { try site.register("user\(number)@example.org") }
    #expect(try effort().totals == [.derivation(.pbkdf2(.sha256, iterations: 1000))])
  }
}
