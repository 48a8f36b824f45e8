import SQLite
import Testing

@testable import RegctlCore

@Suite("Store+Libraries") struct StoreLibrariesTests {
  @Test func `only compile options that change what regctl does are named`() {
    let options = Store.libraryOfFiles.options
    #expect(options.contains { $0.hasPrefix("THREADSAFE=") })
    #expect(SQLiteDatabase.compileOptions.contains { $0.hasPrefix("COMPILER=") })
    #expect(!options.contains { $0.hasPrefix("COMPILER=") })
  }

  @Test func `all libraries are there, each once`() {
    let names = Library.all.map(\.name)
    #expect(names == ["sqlite", "openssl", "libpq", "libidn2", "libcrypt", "zlib"])
    #expect(Library.all.allSatisfy { $0.version != nil })
  }

  @Test func `the schema is the one that stores are created with`() {
    #expect(Store.schemaVersion == Schema.version)
  }
}
