import SQL
import Testing

@testable import CPQ
@testable import PostgreSQL

@Suite("PQLibrary") struct PQLibraryTests {
  @Test func `the table has as many functions as names`() throws {
    #expect(MemoryLayout<regctl_libpq>.size == MemoryLayout.size(ofValue: regctl_libpq_names))
    _ = try PQLibrary.functions()
  }

  @Test func `a library that is missing is an error that names its package`() {
    #expect(
      throws: DatabaseError.libraryMissing(
        package: "libpq5",
        detail: "libnowhere.so.5: cannot open shared object file: No such file or directory")
    ) { try PQLibrary.load("libnowhere.so.5").get() }
  }

  @Test func `a library without the functions is an error`() throws {
    let error = #expect(throws: DatabaseError.self) { try PQLibrary.load("libc.so.6").get() }
    guard case .libraryMissing("libpq5", let detail) = error else {
      throw try #require(error)
    }
    #expect(detail.contains("undefined symbol: PQbackendPID"))
  }
}
