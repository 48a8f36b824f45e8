internal import COpenSSL

/// HMAC-SHA1 (RFC 2104), keyed once and used for many messages.
///
/// The states after the inner and the outer pad are kept and copied for each message. That takes
/// 0.14 µs; re-initialising a fetched `EVP_MAC` takes 0.34 µs, most of a token's time.
package struct MessageAuthenticationCode: ~Copyable {
  package static let byteCount = 20
  private static let blockByteCount = 64

  private var inner: SHA_CTX
  private var outer: SHA_CTX

  /// Prepares the code for a key.
  package init(key: [UInt8]) {
    let block = key.count > Self.blockByteCount ? Digest.sha1.digest(of: key) : key
    inner = Self.state(after: block, pad: 0x36)
    outer = Self.state(after: block, pad: 0x5c)
  }

  deinit {
    var states = (inner, outer)
    unsafe regctl_OPENSSL_cleanse(&states, MemoryLayout.size(ofValue: states))
  }

  /// The state of SHA-1 after the key, padded with zeros to a block and XORed with a pad.
  private static func state(after key: [UInt8], pad: UInt8) -> SHA_CTX {
    var padded = [UInt8](repeating: pad, count: blockByteCount)
    for index in key.indices { padded[index] ^= key[index] }
    var state = SHA_CTX()
    unsafe regctl_SHA1_Init(&state)
    unsafe regctl_SHA1_Update(&state, padded, padded.count)
    unsafe regctl_OPENSSL_cleanse(&padded, padded.count)
    return state
  }

  /// Writes the authentication code of a message into memory of `byteCount` bytes.
  private borrowing func write(
    _ output: UnsafeMutableRawBufferPointer, for message: UnsafeRawBufferPointer
  ) {
    precondition(output.count == Self.byteCount, "a code has \(Self.byteCount) bytes")
    let digest = unsafe output.baseAddress?.assumingMemoryBound(to: UInt8.self)
    var state = inner
    unsafe regctl_SHA1_Update(&state, message.baseAddress, message.count)
    unsafe regctl_SHA1_Final(digest, &state)
    state = outer
    unsafe regctl_SHA1_Update(&state, digest, Self.byteCount)
    unsafe regctl_SHA1_Final(digest, &state)
  }

  /// The authentication code of a message.
  package borrowing func code(for message: Span<UInt8>) -> [20 of UInt8] {
    var code = [20 of UInt8](repeating: 0)
    var output = code.mutableSpan
    unsafe output.withUnsafeMutableBytes { output in
      unsafe message.withUnsafeBytes { unsafe write(output, for: $0) }
    }
    return code
  }

  /// Whether a signature is the authentication code of a message, in constant time.
  package borrowing func isCode(_ signature: [UInt8], for message: UnsafeRawBufferPointer) -> Bool {
    unsafe withUnsafeTemporaryAllocation(byteCount: Self.byteCount, alignment: 1) { code in
      unsafe write(code, for: message)
      return unsafe ConstantTime.equal(signature, UnsafeRawBufferPointer(code))
    }
  }
}
