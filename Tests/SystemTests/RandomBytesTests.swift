import Testing

@testable import System

@Suite("RandomBytes") struct RandomBytesTests {
  @Test(arguments: [0, 1, 16, 256])
  func `there are as many as asked for`(_ count: Int) {
    #expect(RandomBytes.generate(count).count == count)
  }

  @Test func `no two draws are alike`() {
    #expect(Set((0..<1000).map { _ in RandomBytes.generate(16) }).count == 1000)
  }
}
