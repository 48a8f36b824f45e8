import Testing

@testable import RegctlCore

@Suite("AuditErasure") struct AuditErasureTests {
  @Test(
    arguments: [
      ([3], "entries 3"), ([9, 3, 8, 7], "entries 3,7-9"), ([1, 2, 4, 5, 7], "entries 1-2,4-5,7"),
      ([2, 2, 3], "entries 2-3"), ([.max], "entries 9223372036854775807"),
    ] as [([Int64], String)])
  func `numbers are written as ranges, and parsed back`(_ numbers: [Int64], text: String) {
    let erasure = AuditErasure(of: numbers)
    #expect(erasure.detail == text)
    #expect(AuditErasure(detail: text) == erasure)
    #expect(numbers.allSatisfy { erasure.covers($0) })
  }

  @Test func `no other number is covered`() throws {
    let erasure = try #require(AuditErasure(detail: "entries 3,7-9"))
    #expect([2, 4, 6, 10, -3, 0].filter { erasure.covers($0) } == [])
  }

  @Test(arguments: [
    "", "entries", "entries ", "entries 3,", "entries ,3", "entries 9-7", "entries 3-", "entries x",
    "entries 3, 7", "entries 1-2-3", "entries 9223372036854775808", "entry 3", "run 3",
  ])
  func `any other detail names no entries`(_ text: String) {
    #expect(AuditErasure(detail: text) == nil)
  }
}
