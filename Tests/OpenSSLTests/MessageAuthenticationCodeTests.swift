import Testing

@testable import OpenSSL

@Suite("MessageAuthenticationCode") struct MessageAuthenticationCodeTests {
  /// RFC 2202, section 3.
  @Test(
    arguments: [
      (
        [UInt8](repeating: 0x0b, count: 20), Array("Hi There".utf8),
        "b617318655057264e28bc0b6fb378c8ef146be00"
      ),
      (
        Array("Jefe".utf8), Array("what do ya want for nothing?".utf8),
        "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"
      ),
      (
        [UInt8](repeating: 0xaa, count: 20), [UInt8](repeating: 0xdd, count: 50),
        "125d7342b9ac11cd91a39af48aa17b4f63f175d3"
      ),
      (
        Array(1...25), [UInt8](repeating: 0xcd, count: 50),
        "4c9007f4026250c6bc8414f9bf50c86c2d7235da"
      ),
      (
        [UInt8](repeating: 0x0c, count: 20), Array("Test With Truncation".utf8),
        "4c1a03424b55e07fe7f27be1d58bb9324a9a5a04"
      ),
      (
        [UInt8](repeating: 0xaa, count: 80),
        Array("Test Using Larger Than Block-Size Key - Hash Key First".utf8),
        "aa4ae5e15272d00e95705637ce8a3b55ed402112"
      ),
      (
        [UInt8](repeating: 0xaa, count: 80),
        Array("Test Using Larger Than Block-Size Key and Larger Than One Block-Size Data".utf8),
        "e8e99d0f45237d786d6bbaa7965c7808bbff1a91"
      ),
    ] as [([UInt8], [UInt8], String)])
  func `a code equals the RFC's`(_ key: [UInt8], message: [UInt8], expected: String) throws {
    let code = try MessageAuthenticationCode(key: key).code(for: message)
    #expect(code == bytes(expected))
  }

  @Test(arguments: [0, 1, 63, 64])
  func `zeros after a key that fits a block change nothing`(_ count: Int) throws {
    let key = [UInt8](repeating: 0x6b, count: count)
    let padded = key + [UInt8](repeating: 0, count: 64 - count)
    let code = try MessageAuthenticationCode(key: key).code(for: [1, 2, 3])
    #expect(try code == MessageAuthenticationCode(key: padded).code(for: [1, 2, 3]))
  }

  @Test func `a key can be used for many messages`() throws {
    let code = try MessageAuthenticationCode(key: Array("key".utf8))
    let first = code.code(for: Array("message".utf8))
    let empty = code.code(for: [])
    let again = code.code(for: Array("message".utf8))
    #expect(first == again)
    #expect(empty == bytes("f42bb0eeb018ebbd4597ae7213711ec60760843f"))
  }
}

extension MessageAuthenticationCode {
  /// The authentication code of a message, as an array.
  fileprivate borrowing func code(for message: [UInt8]) -> [UInt8] {
    let code = code(for: message.span)
    return code.indices.map { code[$0] }
  }
}
