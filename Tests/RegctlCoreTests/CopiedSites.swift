import PostgreSQL
import SQL
import SQLite
import System
import TestSupport
import Testing

@testable import RegctlCore

/// Tests of copies between a file and a database on a server.
protocol CopiedSites {}

extension CopiedSites {
  /// Accounts with mails in several states, a pruned and a deleted one, and an open change of address.
  func populated(_ engine: TestEngine) throws -> Site {
    let site = try Site(on: engine)
    for name in ["ann", "bob", "cy", "dee"] { try site.register("\(name)@x.org") }
    try site.createAdministrator("root@x.org")
    try site.confirmByHand("cy@x.org")
    try site.requestEmailChange("cy@x.org", to: "cyn@x.org")
    try site.store.finish(
      MailID(rawValue: 1), as: .sent, reply: "250 2.0.0 \u{e4}\"\\\n\u{1f600}", at: site.now)
    try site.store.deferMail(
      MailID(rawValue: 2), reply: "450 4.2.1 \u{e4}\"", isPossibleDuplicate: false, at: site.now,
      until: site.now)
    try site.store.fail(MailID(rawValue: 2), reply: "550 5.1.1", at: site.now)
    _ = try site.token("dee@x.org")
    try prune("ann@x.org", in: site)
    return site
  }

  @discardableResult
  func prune(_ email: String, in site: Site) throws -> Int64 {
    let store = site.store
    let id = try store.account(email).id
    return try store.transaction { () throws(RegctlError) in
      let run = try store.beginPruneRun(cutoff: site.now, at: site.now, by: Site.actor)
      _ = try store.archive([id], run: run, at: site.now)
      return run
    }
  }

  func move(_ site: Site, to location: DatabaseLocation) throws -> CopyReport {
    let move = try MoveStore(to: location, site.configuration())
    return try move.perform(from: site.store, at: site.now)
  }

  func open(_ location: DatabaseLocation) throws -> Store {
    try Store.open(location, for: .writing, busyTimeout: .zero)
  }

  /// All rows of a file, by table.
  func content(of path: String) throws -> [String: [[Value]]] {
    let database = try SQLiteDatabase(path: path, access: .readOnly, busyTimeout: .zero)
    let tables = try database.rows(
      """
      SELECT s.name, (SELECT count(*) FROM pragma_table_info(s.name)) FROM sqlite_schema s
      WHERE s.type = 'table'
      """
    ) { (name: $0.text(0), columns: Int32($0.count(1))) }
    var content: [String: [[Value]]] = [:]
    for table in tables {
      var sql = SQLText("SELECT * FROM ")
      sql.append(name: table.name)
      var rows: [[Value]] = []
      try database.step(sql, []) { row in
        var values: [Value] = []
        for column in 0..<table.columns { values.append(row.value(column)) }
        rows.append(values)
        return true
      }
      content[table.name] = rows.sorted { $0.lexicographicallyPrecedes($1) }
    }
    return content
  }

  func isEmpty(_ server: TemporaryDatabase) throws -> Bool {
    try server.connect().first(
      """
      SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE n.nspname IN ('public', 'regctl')
      """
    ) { $0.integer(0) } == 0
  }

  /// A database in which the application has made its empty table.
  func prepared(_ rest: Statement? = nil) throws -> TemporaryDatabase {
    let server = try TemporaryDatabase()
    let connection = try server.connect()
    try connection.execute(Schema.users)
    if let rest { try connection.execute(rest) }
    return server
  }

  func mapping(_ table: String, _ columns: String) throws -> UsersMapping {
    try ConfigurationLoader.load(["users_table": table, "users_columns": columns]).users
  }
}
