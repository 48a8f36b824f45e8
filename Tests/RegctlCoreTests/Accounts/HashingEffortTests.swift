import Testing

@testable import RegctlCore

@Suite("HashingEffort") struct HashingEffortTests {
  private static func rounds(_ runs: [Int]) -> Int { runs.reduce(0) { $0 + 1 << $1 } }

  @Test(arguments: Bcrypt.costs, Bcrypt.costs)
  func `every cost takes the rounds of the greatest`(_ cost: Int, configured: Int) {
    let effort = HashingEffort(configured: configured, stored: [])
    let runs = effort.runs(for: cost)
    #expect(runs.first == cost)
    #expect(Self.rounds(runs) == 1 << max(cost, configured))
  }

  @Test(arguments: Bcrypt.costs, Bcrypt.costs)
  func `an invalid hash takes the rounds of the usual one`(_ usual: Int, configured: Int) {
    let effort = HashingEffort(configured: configured, stored: [usual])
    #expect(effort.runs(for: nil) == effort.runs(for: usual))
    #expect(Self.rounds(effort.runs(for: nil)) == 1 << max(usual, configured))
  }

  @Test func `the runs between are one of each cost`() {
    let effort = HashingEffort(configured: 13, stored: [])
    #expect(effort.runs(for: 10) == [10, 10, 11, 12])
    #expect(effort.runs(for: 13) == [13])
    #expect(effort.runs(for: 14) == [14])
  }

  @Test(arguments: [
    ([], 10, 10), ([12], 12, 12), ([6], 6, 10), ([6, 6, 12], 6, 10), ([6, 12, 12], 12, 12),
    ([6, 12], 12, 12), ([12, 6], 12, 12), ([5, 5, 9, 9, 7], 9, 10), ([15, 4, 4], 4, 10),
  ])
  func `the usual cost is the most frequent one, or the largest of several`(
    _ stored: [Int], usual: Int, total: Int
  ) {
    let effort = HashingEffort(configured: 10, stored: stored)
    #expect(effort.usual == usual)
    #expect(effort.total == total)
  }
}
