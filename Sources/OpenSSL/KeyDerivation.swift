internal import COpenSSL

/// A key derivation function of libcrypto that passwords are hashed with, and its cost.
package enum KeyDerivation: Hashable, Sendable {
  /// scrypt (RFC 7914): the number of blocks, a power of 2, their size in units of 128 bytes, and the
  /// number of passes. It takes 128 · `blocks` · `size` bytes of memory and some more.
  case scrypt(blocks: Int, size: Int, passes: Int)

  /// PBKDF2 with an HMAC (RFC 8018, section 5.2).
  case pbkdf2(Digest.Algorithm, iterations: Int)

  /// The length of a key in bytes, as Python's `hashlib` has it by default.
  package var keyByteCount: Int {
    switch self {
    case .scrypt: 64
    case .pbkdf2(let algorithm, _): algorithm.byteCount
    }
  }

  /// The key of a password.
  ///
  /// Throws if libcrypto cannot be loaded, does not have the algorithm, or rejects the cost, and if
  /// there is not enough memory. The corresponding C functions are `EVP_PBE_scrypt` and
  /// `PKCS5_PBKDF2_HMAC`.
  package func key(of password: [UInt8], salt: [UInt8]) throws(OpenSSLError) -> [UInt8] {
    let crypto = try unsafe OpenSSLLibrary.cryptoFunctions()
    var key = [UInt8](repeating: 0, count: keyByteCount)
    let code: Int32
    switch self {
    case .scrypt(let blocks, let size, let passes):
      // libcrypto's own limit is 32 MiB, which the cost that is usual today exceeds.
      let memory = 256 * size * (blocks + passes + 2)
      code = unsafe password.withUnsafeBytes { password in
        unsafe crypto.pointee.EVP_PBE_scrypt(
          password.baseAddress?.assumingMemoryBound(to: CChar.self), password.count, salt,
          salt.count, UInt64(blocks), UInt64(size), UInt64(passes), UInt64(memory), &key, key.count)
      }
    case .pbkdf2(let algorithm, let iterations):
      guard let digest = unsafe crypto.pointee.EVP_MD_fetch(nil, algorithm.rawValue, nil) else {
        throw OpenSSLError(missing: algorithm.rawValue)
      }
      defer { unsafe crypto.pointee.EVP_MD_free(digest) }
      code = unsafe password.withUnsafeBytes { password in
        unsafe crypto.pointee.PKCS5_PBKDF2_HMAC(
          password.baseAddress?.assumingMemoryBound(to: CChar.self), Int32(password.count), salt,
          Int32(salt.count), Int32(iterations), digest, Int32(key.count), &key)
      }
    }
    guard code == 1 else {
      unsafe crypto.pointee.ERR_clear_error()
      throw OpenSSLError(
        reason: "\(OpenSSLLibrary.cryptoFile): no key could be derived; is there enough memory?")
    }
    return key
  }
}
