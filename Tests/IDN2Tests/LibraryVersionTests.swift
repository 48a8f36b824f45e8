import Testing

@testable import IDN2

@Suite("LibraryVersion of libidn2") struct LibraryVersionTests {
  @Test func `the library is libidn2 2`() {
    #expect(LibraryVersion.text?.hasPrefix("2.") == true)
  }
}
