import PostgreSQL
import SQL
import System
import TestSupport
import Testing

@testable import RegctlCore

@Suite("Store+CopiedRows") struct StoreCopiedRowsTests: CopiedSites {
  @Test(arguments: [TestEngine.sqlite, .postgresql])
  func `the next account and mail have numbers that none had before`(_ engine: TestEngine) throws {
    let site = try populated(engine)
    let newest = try site.register("new@x.org")
    try prune("new@x.org", in: site)
    let server = engine == .sqlite ? try TemporaryDatabase() : nil
    let location =
      try server.map { try DatabaseLocation($0.address) }
      ?? .file("\(site.directory.path)/moved.db")
    _ = try move(site, to: location)
    let store = try open(location)
    #expect(try store.accountCount() == 4)
    let mails = try #require(try store.first("SELECT max(id) FROM regctl_outbox") { $0.integer(0) })
    let next = try Register.perform(
      EmailAddress("next@x.org"), .unusable, queuesMail: true, messageDomain: "app.example",
      in: store, at: site.now, by: Site.actor)
    #expect(next.account.id.rawValue == newest.id.rawValue + 1)
    #expect(try store.first("SELECT max(id) FROM regctl_outbox") { $0.integer(0) } == mails + 1)
    let run = try store.transaction { () throws(RegctlError) in
      try store.beginPruneRun(cutoff: site.now, at: site.now, by: Site.actor)
    }
    #expect(run == 3)
  }

  @Test func `a hash that is stored as a blob is text on a server`() throws {
    let site = try Site(on: .sqlite)
    try site.register("ann@x.org")
    try site.store.execute("UPDATE users SET password = CAST('$2b$04$abc' AS BLOB)")
    let server = try TemporaryDatabase()
    _ = try move(site, to: DatabaseLocation(server.address))
    #expect(try server.connect().first("SELECT password FROM users") { $0.text(0) } == "$2b$04$abc")
  }

  @Test(
    arguments: [
      (
        "UPDATE users SET password = CAST(x'ff' AS TEXT)", "users", "password",
        CopyRefusal.Reason.malformedText
      ),
      (
        "UPDATE regctl_outbox SET last_reply = 'a' || char(0)", "regctl_outbox", "last_reply",
        .zeroByte
      ),
      (
        "UPDATE users SET registered_on = '2026-11-23 09:00:00+02:00'", "users", "registered_on",
        .date("2026-11-23 09:00:00+02:00")
      ),
      (
        "UPDATE users SET registered_on = 'today'", "users", "registered_on", .date("today")
      ),
      ("UPDATE users SET admin = 2", "users", "admin", .type(found: "the integer 2")),
    ] as [(StaticString, String, String, CopyRefusal.Reason)])
  func `a row that a server does not keep is named, and nothing is written`(
    _ change: StaticString, table: String, column: String, reason: CopyRefusal.Reason
  ) throws {
    let site = try Site(on: .sqlite)
    try site.register("ann@x.org")
    try site.store.execute(Statement(sqlite: change))
    let server = try TemporaryDatabase()
    let error = try refusal { _ = try move(site, to: DatabaseLocation(server.address)) }
    #expect(
      error
        == .store(
          .notCopied(CopyRefusal(table: table, row: "1", column: column, reason: reason))))
    #expect(try isEmpty(server))
  }

  @Test func `of many rows the one that the table rejects is named`() throws {
    let site = try Site(on: .sqlite)
    try site.store.execute("ALTER TABLE users ADD COLUMN visits INTEGER")
    for number in 1...20 { try site.register("ann\(number)@x.org") }
    try site.store.execute("UPDATE users SET visits = 3000000000 WHERE id = 13")
    let server = try TemporaryDatabase()
    let error = try refusal { _ = try move(site, to: DatabaseLocation(server.address)) }
    #expect(
      error
        == .store(
          .notCopied(
            CopyRefusal(
              table: "users", row: "13",
              reason: .rejected(detail: "a number is out of the range of its column")))))
    #expect(try isEmpty(server))
  }

  @Test func `a date that SQLite cannot tell from others is refused`() throws {
    let site = try Site(on: .postgresql)
    try site.register("ann@x.org")
    try site.store.execute("UPDATE users SET registered_on = 'infinity'")
    let path = "\(site.directory.path)/copy.db"
    let error = try refusal { try site.store.backUp(to: path, at: site.now) }
    #expect(
      error
        == .store(
          .notCopied(
            CopyRefusal(
              table: "users", row: "1", column: "registered_on", reason: .date("infinity")))))
    #expect(
      try FileSystem.names(in: site.directory.path).filter { $0.hasPrefix("copy") } == [])
  }
}
