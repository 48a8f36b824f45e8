import Testing

@testable import System

@Suite("SecretBytes") struct SecretBytesTests {
  @Test func `bytes are wiped in place`() {
    var bytes: [UInt8] = [1, 2, 3]
    SecretBytes.wipe(&bytes)
    #expect(bytes == [0, 0, 0])
  }

  @Test func `a copy outlives the original`() {
    var copy: SecretBytes?
    do {
      let original = SecretBytes([1, 2, 3])
      copy = original.copy()
    }
    let content = copy?.withBytes { $0 }
    #expect(content == [1, 2, 3])
  }
}
