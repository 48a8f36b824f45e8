import System
import TestSupport
import Testing

@testable import RegctlCore

@Suite("Store+Server", .once) struct StoreServerTests {
  private func open(_ address: String) throws -> Store {
    try Store.open(DatabaseLocation(address), for: .reading, busyTimeout: .zero)
  }

  @Test func `a new database has the present schema`() throws {
    let database = try TemporaryDatabase()
    let location = try DatabaseLocation(database.address)
    try Store.create(location, journalMode: .wal, at: Site.start, by: Site.actor)
    let store = try open(database.address)
    #expect(try store.schemaVersion() == Schema.version)
    #expect(store.location.text.hasPrefix("\(database.name) on /"))
    #expect(throws: RegctlError.store(.taken(server: location.text))) {
      try Store.create(location, journalMode: .wal, at: Site.start, by: Site.actor)
    }
  }

  @Test func `a database without tables has no schema`() throws {
    let database = try TemporaryDatabase()
    #expect {
      try open(database.address)
    } throws: { error in
      guard case .store(.schemaMissing(_, "users", false)) = error as? RegctlError else {
        return false
      }
      return true
    }
  }

  @Test func `a missing database is refused by its name`() throws {
    let address = try TemporaryDatabase().address
    #expect {
      try open(address)
    } throws: { error in
      guard case .store(.refused(let server, let detail)) = error as? RegctlError else {
        return false
      }
      return address.contains(String(server.prefix { $0 != " " }))
        && detail.contains("does not exist")
    }
  }

  @Test func `a server that does not answer cannot be reached`() throws {
    let port = try PostgreSQLServer.freePort()
    #expect {
      try open("postgresql://127.0.0.1:\(port)/app")
    } throws: { error in
      guard
        case .store(.unreachable("app on 127.0.0.1:\(port)", let detail)) = error as? RegctlError
      else { return false }
      return detail.contains("refused")
    }
  }

  @Test func `another host must show a certificate`() throws {
    #expect(throws: RegctlError.store(.unverifiedHost("db.example"))) {
      try open("postgresql://db.example/app?sslmode=require")
    }
  }

  @Test func `the password is that of the file`() throws {
    let database = try TemporaryDatabase()
    let directory = try TemporaryDirectory()
    let server = try PostgreSQLServer.shared()
    let address = "postgresql://secretive@127.0.0.1:\(server.port)/\(database.name)"
    func open(password: String) throws {
      let file = try directory.write("\(password.hashValue)", password)
      let configuration = try ConfigurationLoader.load(["db": address, "db_password_file": file])
      _ = try Store.openUnchecked(configuration.db, for: .reading, busyTimeout: .zero)
    }
    try open(password: "open sesame\n")
    #expect {
      try open(password: "open barley\n")
    } throws: { error in
      guard case .store(.refused(_, let detail)) = error as? RegctlError else { return false }
      return detail.contains("password authentication failed") && !detail.contains("barley")
    }
    #expect(throws: RegctlError.self) { try open(password: "\n") }
    #expect {
      try self.open(address)
    } throws: { error in
      guard case .store(.refused) = error as? RegctlError else { return false }
      return true
    }
  }
}
