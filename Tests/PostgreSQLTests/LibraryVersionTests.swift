import Testing

@testable import PostgreSQL

@Suite("LibraryVersion of libpq") struct LibraryVersionTests {
  @Test func `the version has two numbers, and is that of a library with pipelines`() throws {
    let text = try #require(LibraryVersion.text)
    let numbers = text.split(separator: ".").compactMap { Int($0) }
    #expect(numbers.count == 2)
    #expect(try #require(numbers.first) >= 14)
  }
}
