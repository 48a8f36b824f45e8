import PostgreSQL
import SQL
import TestSupport

@testable import RegctlCore

extension PostgreSQLServer {
  /// A connection to a new database, which has the table of accounts and regctl's schema.
  func installed(_ name: String) throws -> PostgreSQLDatabase {
    // A name cannot be a parameter.
    var text = SQLText("CREATE DATABASE ")
    text.append(name: name)
    try connect().step(text, []) { _ in true }
    let database = try connect(["dbname": name])
    database.names = UsersMapping.original.namesOnServer
    try database.execute(Schema.users)
    for object in Schema.objectsOnServer + [Schema.uniqueEmail] {
      try database.execute(object.sql)
    }
    return database
  }
}
