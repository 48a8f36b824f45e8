import Testing

@testable import OpenSSL

@Suite("LibraryVersion") struct LibraryVersionTests {
  @Test func `the library is OpenSSL 3`() {
    #expect(LibraryVersion.text?.hasPrefix("OpenSSL 3.") == true)
  }
}
