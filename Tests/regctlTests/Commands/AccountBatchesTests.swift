import RegctlCore
import Testing

@testable import regctl

@Suite("AccountBatches") struct AccountBatchesTests {
  /// The numbers of the accounts in each batch, of five accounts.
  private func batches(of size: Int, limit: Int = .max) throws -> [[Int64]] {
    let world = try World()
    world.register("ann", "bob", "eve", "kim", "lou")
    let batches = AccountBatches(
      of: try Store.open(DatabaseLocation(world.address), for: .reading, busyTimeout: .zero),
      matching: AccountFilter(), with: [], limit: limit, batchSize: size)
    var found: [[Int64]] = []
    while let batch = try batches.next() { found.append(batch.map(\.id.rawValue)) }
    #expect(try batches.next() == nil)
    return found
  }

  @Test(
    arguments: [
      (1, [[1], [2], [3], [4], [5]]), (2, [[1, 2], [3, 4], [5]]), (5, [[1, 2, 3, 4, 5]]),
      (9, [[1, 2, 3, 4, 5]]),
    ] as [(Int, [[Int64]])])
  func `every account is in one batch`(_ size: Int, expected: [[Int64]]) throws {
    #expect(try batches(of: size) == expected)
  }

  @Test(
    arguments: [
      (0, []), (1, [[1]]), (3, [[1, 2], [3]]), (4, [[1, 2], [3, 4]]), (9, [[1, 2], [3, 4], [5]]),
    ] as [(Int, [[Int64]])])
  func `the limit ends the batches`(_ limit: Int, expected: [[Int64]]) throws {
    #expect(try batches(of: 2, limit: limit) == expected)
  }
}
