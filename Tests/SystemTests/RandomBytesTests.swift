import Testing

@testable import System

@Suite("RandomBytes") struct RandomBytesTests {
  @Test(arguments: [0, 1, 16, 256])
  func `the requested number of bytes is returned`(_ count: Int) {
    #expect(RandomBytes.generate(count).count == count)
  }

  @Test func `two results differ`() {
    #expect(Set((0..<1000).map { _ in RandomBytes.generate(16) }).count == 1000)
  }
}
