import PostgreSQL
import SQL
import SQLite
import System
import TestSupport
import Testing

@testable import RegctlCore

/// Each test has a file and a database on a server, in runs for either engine.
@Suite("StoreCopy") struct StoreCopyTests: CopiedSites {

  // MARK: There and back

  @Test func `a file that went to a server and back is the same table by table`() throws {
    let site = try populated(.sqlite)
    let server = try TemporaryDatabase()
    let there = try move(site, to: DatabaseLocation(server.address))
    #expect(there.accounts == 4 && there.archived == 1 && there.changes == [])
    let path = "\(site.directory.path)/back.db"
    let configuration = try site.configuration(["db": server.address])
    let back = try MoveStore(to: .file(path), configuration)
      .perform(from: open(DatabaseLocation(server.address)), at: site.now)
    #expect(back == there)
    let (before, after) = (try content(of: site.path), try content(of: path))
    #expect(before.count == after.count && before["regctl_outbox"]?.count == 6)
    for (table, rows) in before { #expect(after[table] == rows, "\(table)") }
  }

  @Test func `the audit of a server is whole in a file and has the same hash`() throws {
    let site = try populated(.postgresql)
    let path = "\(site.directory.path)/copy.db"
    try site.store.backUp(to: path, at: site.now)
    let copy = try open(.file(path))
    #expect(try copy.verifyAudit(including: nil) == site.store.verifyAudit(including: nil))
    #expect(try FileSystem.status(of: path)?.permissions == 0o600)
    #expect(try copy.firstFault() == nil)
  }

  // MARK: Destinations

  @Test func `the application's empty table is filled`() throws {
    let site = try populated(.sqlite)
    let server = try prepared("ALTER TABLE users ADD COLUMN extra TEXT DEFAULT 'x'")
    _ = try move(site, to: DatabaseLocation(server.address))
    let rows = try server.connect().rows("SELECT email, extra FROM users ORDER BY id") {
      $0.text(0) + $0.text(1)
    }
    #expect(rows == ["bob@x.orgx", "cy@x.orgx", "dee@x.orgx", "root@x.orgx"])
    #expect(try open(DatabaseLocation(server.address)).objectFinding() == nil)
  }

  @Test func `an application's table without a column of the source is refused`() throws {
    let site = try Site(on: .sqlite)
    try site.store.execute("ALTER TABLE users ADD COLUMN nick TEXT")
    let server = try prepared()
    let location = try DatabaseLocation(server.address)
    #expect(
      throws: RegctlError.store(
        .foreignUsersTable(path: location.text, faults: [.missingColumn("nick")]))
    ) { _ = try move(site, to: location) }
  }

  @Test func `what a trigger of the application changes is noticed`() throws {
    let site = try Site(on: .sqlite)
    try site.register("Ann@x.org")
    let server = try prepared(
      """
      CREATE FUNCTION lowered() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN NEW.email = lower(NEW.email); RETURN NEW; END $$;
      CREATE TRIGGER lowered BEFORE INSERT ON users FOR EACH ROW EXECUTE FUNCTION lowered()
      """)
    #expect(
      throws: RegctlError.store(
        .notCopied(CopyRefusal(table: "users", row: "1", column: "email", reason: .differs)))
    ) { _ = try move(site, to: DatabaseLocation(server.address)) }
  }

  @Test func `two files are not moved but copied`() throws {
    let site = try Site(on: .sqlite)
    #expect(throws: RegctlError.store(.bothFiles(site.path, "other.db"))) {
      _ = try move(site, to: .file("other.db"))
    }
  }

  @Test func `an older schema is not copied`() throws {
    let site = try Site(on: .sqlite)
    try site.store.execute("UPDATE regctl_schema SET version = 2")
    let server = try TemporaryDatabase()
    #expect(throws: RegctlError.store(.schemaOutdated(path: site.path))) {
      _ = try move(site, to: DatabaseLocation(server.address))
    }
    #expect(try isEmpty(server))
  }
}
