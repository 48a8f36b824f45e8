import Testing

@testable import RegctlCore

@Suite("LockTarget") struct LockTargetTests {
  private func domain(_ word: String) throws -> String? {
    guard case .domain(let domain) = try LockTarget(word) else { return nil }
    return domain.name
  }

  @Test(arguments: [
    ("@spam.example", "spam.example"), ("@SPAM.Example", "spam.example"),
    ("@b\u{fc}cher.example", "xn--bcher-kva.example"),
    ("@xn--bcher-kva.example", "xn--bcher-kva.example"),
  ])
  func `a domain has one name in every spelling`(_ word: String, name: String) throws {
    #expect(try domain(word) == name)
  }

  @Test func `an address is an account`() throws {
    #expect(try domain("ann@spam.example") == nil)
  }

  @Test(arguments: ["@", "@@", "@a b", "@spam..example"])
  func `what is no domain is rejected`(_ word: String) {
    #expect(throws: RegctlError.self) { try LockTarget(word) }
  }
}
