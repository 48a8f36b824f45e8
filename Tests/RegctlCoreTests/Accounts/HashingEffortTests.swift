import OpenSSL
import Testing

@testable import RegctlCore

@Suite("HashingEffort") struct HashingEffortTests {
  private static func rounds(_ runs: [HashingWork]) -> Int { runs.reduce(0) { $0 + $1.rounds } }

  private static func effort(_ configured: Int, _ stored: [Int]) -> HashingEffort {
    HashingEffort(
      configured: .bcrypt(cost: configured), stored: stored.map(HashingWork.bcrypt(cost:)))
  }

  @Test(arguments: Bcrypt.costs, Bcrypt.costs)
  func `every cost takes the rounds of the greatest`(_ cost: Int, configured: Int) {
    let runs = Self.effort(configured, []).runs(for: .bcrypt(cost: cost))
    #expect(runs.first == .bcrypt(cost: cost))
    #expect(Self.rounds(runs) == 1 << max(cost, configured))
  }

  @Test(arguments: Bcrypt.costs, Bcrypt.costs)
  func `an invalid hash takes the rounds of the usual one`(_ usual: Int, configured: Int) {
    let effort = Self.effort(configured, [usual])
    #expect(effort.runs(for: nil) == effort.runs(for: .bcrypt(cost: usual)))
    #expect(Self.rounds(effort.runs(for: nil)) == 1 << max(usual, configured))
  }

  @Test func `the runs between are one of each cost`() {
    let effort = Self.effort(13, [])
    #expect(
      effort.runs(for: .bcrypt(cost: 10)) == [10, 10, 11, 12].map(HashingWork.bcrypt(cost:)))
    #expect(effort.runs(for: .bcrypt(cost: 13)) == [.bcrypt(cost: 13)])
    #expect(effort.runs(for: .bcrypt(cost: 14)) == [.bcrypt(cost: 14)])
  }

  @Test(arguments: [
    ([], 10, 10), ([12], 12, 12), ([6], 6, 10), ([6, 6, 12], 6, 10), ([6, 12, 12], 12, 12),
    ([6, 12], 12, 12), ([12, 6], 12, 12), ([5, 5, 9, 9, 7], 9, 10), ([15, 4, 4], 4, 10),
  ])
  func `the usual cost is the most frequent one, or the largest of several`(
    _ stored: [Int], usual: Int, total: Int
  ) {
    let effort = Self.effort(10, stored)
    #expect(effort.usual == .bcrypt(cost: usual))
    #expect(effort.totals == [.bcrypt(cost: total)])
  }

  private static let scrypt = HashingWork.derivation(.scrypt(blocks: 1024, size: 8, passes: 1))
  private static let less = HashingWork.derivation(.scrypt(blocks: 512, size: 8, passes: 1))
  private static let pbkdf2 = HashingWork.derivation(.pbkdf2(.sha256, iterations: 1000))

  @Test func `in a table of several kinds, every check does the work of each`() {
    let effort = HashingEffort(
      configured: .bcrypt(cost: 6),
      stored: [Self.scrypt, Self.scrypt, Self.scrypt, Self.pbkdf2, Self.pbkdf2, .bcrypt(cost: 5)])
    #expect(effort.usual == Self.scrypt)
    #expect(effort.totals == [Self.scrypt, Self.pbkdf2, .bcrypt(cost: 6)])
    for work in [nil, Self.scrypt, Self.less, Self.pbkdf2, .bcrypt(cost: 5), .bcrypt(cost: 6)] {
      let runs = effort.runs(for: work)
      let kinds = Dictionary(grouping: runs, by: \.kind).mapValues(Self.rounds)
      #expect(kinds == [Self.scrypt.kind: 1024, Self.pbkdf2.kind: 1000, .bcrypt: 64])
      #expect(runs.contains(work ?? Self.scrypt))
      #expect(runs.map(\.kind).first == Self.scrypt.kind)
    }
  }

  @Test func `the work of new hashes counts only where the table has its kind, or none`() {
    let configured = HashingWork.bcrypt(cost: 13)
    #expect(HashingEffort(configured: configured, stored: [Self.scrypt]).totals == [Self.scrypt])
    #expect(HashingEffort(configured: Self.scrypt, stored: []).totals == [Self.scrypt])
  }

  @Test func `a table of many kinds does not make a check as long as it likes`() {
    let stored = (1...50).map { HashingWork.derivation(.scrypt(blocks: 2, size: $0, passes: 1)) }
    let effort = HashingEffort(configured: .bcrypt(cost: 4), stored: stored)
    #expect(effort.runs(for: nil).count == HashingEffort.kindLimit)
  }
}
