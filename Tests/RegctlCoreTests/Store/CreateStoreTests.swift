import Glibc
import System
import TestSupport
import Testing

@testable import RegctlCore

@Suite("CreateStore") struct CreateStoreTests {
  private let directory: TemporaryDirectory
  private let path: String

  init() throws {
    directory = try TemporaryDirectory()
    path = "\(directory.path)/regctl.db"
  }

  private func create(
    _ settings: [String: String] = [:], acceptsExisting: Bool = false
  ) throws -> CreateStore.Creation {
    let configuration = try ConfigurationLoader.load(["db": path].merging(settings) { $1 })
    return try CreateStore(configuration, journalMode: .wal, acceptsExisting: acceptsExisting)
      .perform(at: Instant(seconds: 0), by: Site.actor, uid: geteuid())
  }

  @Test func `a key is created beside the database`() throws {
    #expect(
      try create()
        == CreateStore.Creation(isNew: true, hasNewKey: true, schemaVersion: Schema.version))
    #expect(try FileSystem.names(in: directory.path) == ["regctl.db", "secret.key"])
  }

  @Test func `an existing key is kept`() throws {
    try directory.write("secret.key", Site.key)
    #expect(try create().hasNewKey == false)
    let key = try FileSystem.read("\(directory.path)/secret.key", atMost: 100)
    #expect(key == Array(Site.key.utf8))
  }

  @Test func `a configured key is not created`() throws {
    #expect(try create(["secret_key_file": "\(directory.path)/own.key"]).hasNewKey == false)
    #expect(try FileSystem.names(in: directory.path) == ["regctl.db"])
  }

  @Test func `an existing database is an error, unless that is accepted`() throws {
    _ = try create()
    #expect(throws: RegctlError.store(.exists(path: path))) { try create() }
    #expect(try create(acceptsExisting: true).isNew == false)
  }

  @Test(arguments: [true, false])
  func `a foreign file is reported, and no key is created`(_ accepts: Bool) throws {
    try directory.write("regctl.db", "this is no database")
    #expect(throws: RegctlError.store(.notADatabase(path: path))) {
      try create(acceptsExisting: accepts)
    }
    #expect(try FileSystem.names(in: directory.path) == ["regctl.db"])
  }
}
