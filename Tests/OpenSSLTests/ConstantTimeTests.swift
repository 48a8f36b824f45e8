import Testing

@testable import OpenSSL

@Suite("ConstantTime") struct ConstantTimeTests {
  @Test(
    arguments: [
      ([], [], true), ([1], [1], true), ([1, 2, 3], [1, 2, 3], true), ([1], [2], false),
      ([1, 2], [1], false), ([], [0], false), ([0, 1], [1, 0], false),
    ] as [([UInt8], [UInt8], Bool)])
  func `bytes are compared`(_ left: [UInt8], right: [UInt8], areEqual: Bool) throws {
    #expect(try ConstantTime().equal(left, right) == areEqual)
  }
}
