import OpenSSL
import Testing

@testable import RegctlCore

@Suite("HashingWork") struct HashingWorkTests {
  private static func scrypt(_ blocks: Int) -> HashingWork {
    .derivation(.scrypt(blocks: blocks, size: 8, passes: 1))
  }

  private static func pbkdf2(_ iterations: Int) -> HashingWork {
    .derivation(.pbkdf2(.sha256, iterations: iterations))
  }

  @Test(arguments: Bcrypt.costs, Bcrypt.costs)
  func `with its padding, work takes the rounds of the total`(_ cost: Int, total: Int) {
    let work = HashingWork.bcrypt(cost: cost)
    let runs = [work] + work.padding(to: .bcrypt(cost: total))
    #expect(runs.reduce(0) { $0 + $1.rounds } == 1 << max(cost, total))
  }

  @Test func `scrypt is padded by powers of 2, and PBKDF2 by one run`() {
    #expect(
      Self.scrypt(256).padding(to: Self.scrypt(1024)) == [Self.scrypt(256), Self.scrypt(512)])
    #expect(Self.pbkdf2(150).padding(to: Self.pbkdf2(1000)) == [Self.pbkdf2(850)])
    #expect(Self.pbkdf2(1000).padding(to: Self.pbkdf2(1000)) == [])
  }

  @Test func `work of another kind does not pad`() {
    #expect(Self.scrypt(256).padding(to: .bcrypt(cost: 12)) == [])
    let wider = HashingWork.derivation(.scrypt(blocks: 1024, size: 16, passes: 1))
    #expect(Self.scrypt(256).padding(to: wider) == [])
    let other = HashingWork.derivation(.pbkdf2(.sha1, iterations: 1000))
    #expect(Self.pbkdf2(150).padding(to: other) == [])
  }
}
