import Glibc
import Testing

@testable import RegctlCore

@Suite("TokenSigners") struct TokenSignersTests {
  private let site: Site

  init() throws { site = try Site() }

  private func signers(_ settings: [String: String] = [:]) throws -> TokenSigners {
    try TokenSigners(site.configuration(settings), uid: geteuid())
  }

  @Test func `each purpose has a signature of its own`() throws {
    let signers = try signers()
    let tokens = TokenPurpose.allCases.map {
      signers.issuer(for: $0).sign("ann@example.org", at: site.now.seconds)
    }
    #expect(Set(tokens).count == 3)
    #expect(!TokenPurpose.allCases.contains(where: signers.areStored))
  }

  @Test func `the application's reset link has the signature of a confirmation`() throws {
    let signers = try signers(["reset_link": "application"])
    let tokens = TokenPurpose.allCases.map {
      signers.issuer(for: $0).sign("ann@example.org", at: site.now.seconds)
    }
    #expect(tokens[0] == tokens[1])
    #expect(tokens[0] != tokens[2])
    #expect(TokenPurpose.allCases.filter(signers.areStored) == [.reset])
  }
}
