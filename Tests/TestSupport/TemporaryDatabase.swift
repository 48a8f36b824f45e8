package import PostgreSQL
import SQL

/// A database of its own on the server that tests share, dropped with its owner.
package final class TemporaryDatabase: Sendable {
  package let name: String
  private let server: PostgreSQLServer

  /// The value of the setting `db` for the superuser.
  package var address: String { address(for: "postgres") }

  /// Creates an empty database, or a copy of another one.
  package init(copying original: TemporaryDatabase? = nil) throws {
    server = try PostgreSQLServer.shared()
    name = "test_\(UInt64.random(in: .min ... .max))"
    var text = SQLText("CREATE DATABASE ")
    text.append(name: name)
    if let original {
      text.append(" TEMPLATE ")
      text.append(name: original.name)
    }
    let connection = try server.connect()
    // Files are copied faster than their changes are logged, which is all that older servers can do.
    let version = try connection.first("SHOW server_version_num") { Int($0.text(0)) ?? 0 }
    if version ?? 0 >= 150_000 { text.append(" STRATEGY file_copy") }
    try connection.step(text, []) { _ in true }
  }

  /// Creates an empty database that sorts and folds text by the rules of a language, of ICU.
  package init(language: String) throws {
    server = try PostgreSQLServer.shared()
    name = "test_\(UInt64.random(in: .min ... .max))"
    var text = SQLText("CREATE DATABASE ")
    text.append(name: name)
    text.append(" TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE ")
    text.append(literal: language)
    try server.connect().step(text, []) { _ in true }
  }

  deinit {
    var text = SQLText("DROP DATABASE ")
    text.append(name: name)
    text.append(" WITH (FORCE)")
    _ = try? server.connect().step(text, []) { _ in true }
  }

  /// The value of the setting `db` for a user of the server.
  package func address(for user: String) -> String {
    "postgresql://\(user)@/\(name)?host=\(server.directory)&port=\(server.port)"
  }

  /// A connection of the superuser, or with other settings, for which `regctl_x` is regctl's table.
  package func connect(_ settings: KeyValuePairs<String, String> = [:]) throws -> PostgreSQLDatabase
  {
    let own: KeyValuePairs = ["dbname": name]
    let database = try PostgreSQLDatabase(
      ConnectionParameters(
        server.parameters().settings
          + (Array(own) + Array(settings)).map { .init($0.key, $0.value) },
        busyTimeout: .seconds(5)))
    database.names = Names([:], schema: "regctl")
    return database
  }

  /// A hash of all rows of the application's tables and regctl's.
  package func contentHash() throws -> String {
    try connect().first(
      """
      SELECT md5(string_agg(
        query_to_xml(format('TABLE %I.%I', schemaname, tablename), true, false, '')::text, ''
        ORDER BY schemaname, tablename))
      FROM pg_tables WHERE schemaname IN ('public', 'regctl')
      """
    ) { $0.optionalText(0) ?? "" } ?? ""
  }
}
