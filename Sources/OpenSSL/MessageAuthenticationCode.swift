internal import COpenSSL

/// An HMAC (RFC 2104) keyed once and used for many messages.
@safe package struct MessageAuthenticationCode: ~Copyable {
  private let context: OpaquePointer
  private let byteCount: Int

  /// Prepares the code for a key. The corresponding C function is `EVP_MAC_init`.
  package init(digest: Digest, key: [UInt8]) {
    guard let algorithm = unsafe EVP_MAC_fetch(nil, "HMAC", nil),
      let context = unsafe EVP_MAC_CTX_new(algorithm)
    else { preconditionFailure("libcrypto has no HMAC") }
    unsafe EVP_MAC_free(algorithm)  // The context keeps its own reference.
    var name = Array(digest.name.utf8CString)
    let code = unsafe name.withUnsafeMutableBufferPointer { name in
      unsafe withUnsafeTemporaryAllocation(of: OSSL_PARAM.self, capacity: 2) { parameters in
        unsafe parameters[0] = OSSL_PARAM_construct_utf8_string("digest", name.baseAddress, 0)
        unsafe parameters[1] = OSSL_PARAM_construct_end()
        return unsafe EVP_MAC_init(context, key, key.count, parameters.baseAddress)
      }
    }
    precondition(code == 1, "libcrypto refuses an HMAC key")
    byteCount = digest.byteCount
    unsafe self.context = context
  }

  deinit { unsafe EVP_MAC_CTX_free(context) }

  /// The authentication code of a message.
  package borrowing func code(for message: UnsafeRawBufferPointer) -> [UInt8] {
    unsafe [UInt8](unsafeUninitializedCapacity: byteCount) { output, count in
      var written = 0
      let done =
        unsafe EVP_MAC_init(context, nil, 0, nil) == 1
        && EVP_MAC_update(
          context, message.baseAddress?.assumingMemoryBound(to: UInt8.self), message.count) == 1
        && EVP_MAC_final(context, output.baseAddress, &written, byteCount) == 1
      precondition(done && written == byteCount, "libcrypto cannot compute an HMAC")
      count = written
    }
  }

  /// The authentication code of a message.
  package borrowing func code(for message: [UInt8]) -> [UInt8] {
    unsafe message.withUnsafeBytes { unsafe code(for: $0) }
  }
}
