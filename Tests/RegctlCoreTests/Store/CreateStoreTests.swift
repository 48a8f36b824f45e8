import Glibc
import SQL
import System
import TestSupport
import Testing

@testable import RegctlCore

@Suite("CreateStore") struct CreateStoreTests {
  private let place: EmptyDatabase
  private var directory: TemporaryDirectory { place.directory }
  private var path: String { place.path }

  init() throws { place = try EmptyDatabase() }

  private func create(
    _ settings: [String: String] = [:], acceptsExisting: Bool = false
  ) throws -> CreateStore.Creation {
    // The directory of the default database, beside which a key is for a server.
    let configuration = try ConfigurationLoader.load(
      ["db": place.address].merging(settings) { $1 },
      environment: ["STATE_DIRECTORY": directory.path])
    return try CreateStore(configuration, journalMode: .wal, acceptsExisting: acceptsExisting)
      .perform(at: Instant(seconds: 0), by: Site.actor, uid: geteuid())
  }

  /// The files in the directory, but for the database.
  private func otherFiles() throws -> [String] {
    try FileSystem.names(in: directory.path).filter { $0 != "regctl.db" }
  }

  @Test func `a key is created beside the database`() throws {
    #expect(
      try create()
        == CreateStore.Creation(isNew: true, hasNewKey: true, schemaVersion: Schema.version))
    #expect(try otherFiles() == ["secret.key"])
    let report = try place.migrate()
    #expect(report.isUpToDate)
  }

  @Test func `an existing key is kept`() throws {
    try directory.write("secret.key", Site.key)
    #expect(try create().hasNewKey == false)
    let key = try FileSystem.read("\(directory.path)/secret.key", atMost: 100)
    #expect(key == Array(Site.key.utf8))
  }

  @Test func `a configured key is not created`() throws {
    #expect(try create(["secret_key_file": "\(directory.path)/own.key"]).hasNewKey == false)
    #expect(try otherFiles() == [])
  }

  @Test func `an existing database is an error, unless that is accepted`() throws {
    _ = try create()
    #expect(throws: RegctlError.store(place.location.existing)) { try create() }
    #expect(try create(acceptsExisting: true).isNew == false)
  }

  @Test(arguments: [true, false])
  func `an application's database is reported, and nothing is created`(_ accepts: Bool) throws {
    try place.makeApplication(rows: "CREATE TABLE other (id INTEGER)")
    let before = try place.content()
    let error = RegctlError.store(
      .schemaMissing(path: place.location.text, table: "users", hasUsers: true))
    #expect(throws: error) { try create(acceptsExisting: accepts) }
    #expect(try otherFiles() == [])
    #expect(try place.content() == before)
  }

  @Test(.only(.postgresql, "a file has no schemas"))
  func `a schema of regctl's name is in the way`() throws {
    try place.execute("CREATE SCHEMA regctl")
    #expect(throws: RegctlError.self) { try create() }
    #expect(try otherFiles() == [])
  }

  @Test(.only(.sqlite, "concerns files"), arguments: [true, false])
  func `a foreign file is reported, and no key is created`(_ accepts: Bool) throws {
    try directory.write("regctl.db", "this is no database")
    #expect(throws: RegctlError.store(.notADatabase(path: path))) {
      try create(acceptsExisting: accepts)
    }
    #expect(try FileSystem.names(in: directory.path) == ["regctl.db"])
  }
}
