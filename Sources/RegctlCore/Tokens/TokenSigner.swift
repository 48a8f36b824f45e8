internal import Base
internal import OpenSSL
internal import System

/// Signs and verifies the tokens of one purpose, as itsdangerous' `URLSafeTimedSerializer`.
///
/// A token is `payload.timestamp.signature`: the payload is compact JSON, deflated and marked by a
/// leading dot when that saves more than a byte; the timestamp counts seconds since 1970; the
/// signature is HMAC-SHA1 under a key derived from salt and secret. Everything is URL-safe base64.
package final class TokenSigner {
  /// A token that is longer is refused unread.
  package static let maximumTokenByteCount = 8192

  /// A payload that inflates to more is refused.
  static let maximumPayloadByteCount = 65_536

  /// The latest second that Python's `datetime` can hold; beyond it, itsdangerous calls the
  /// timestamp malformed.
  private static let latestTimestamp: UInt64 = 253_402_300_799

  /// A secret key, ready to authenticate.
  private final class SigningKey {
    let code: MessageAuthenticationCode

    /// Derives the key as itsdangerous' "django-concat": SHA1(salt + "signer" + secret).
    init(secret: [UInt8], salt: String) throws(OpenSSLError) {
      var derivation = Array(salt.utf8) + Array("signer".utf8) + secret
      defer { SecretBytes.wipe(&derivation) }
      var derived = try Digest(.sha1).digest(of: derivation)
      defer { SecretBytes.wipe(&derived) }
      code = try MessageAuthenticationCode(key: derived)
    }
  }

  private let keys: [SigningKey]
  private let newest: SigningKey
  private lazy var compressor = Compressor()

  /// The payload being signed, kept for its memory.
  private var payload: [UInt8] = []

  /// The token being put together, kept for its memory.
  private var token: [UInt8] = []

  /// A signer for the salt of one purpose; throws if OpenSSL is not available.
  package init(keys ring: KeyRing, salt: String) throws(RegctlError) {
    keys = try ring.keys.map { secret throws(RegctlError) in
      try openSSL(SigningKey(secret: secret, salt: salt))
    }
    newest = keys[keys.count - 1]  // A key ring is never empty.
  }

  /// What a token says once its signature is proven.
  package struct Signed: Equatable, Sendable {
    package let payload: TokenPayload
    package var email: String { payload.email }
    package let issued: Int64

    /// The position of the key that signed it in the key file, counted from 1.
    package let keyPosition: Int
  }

  /// The token for an address, issued at a second since 1970.
  package func sign(_ email: String, at timestamp: Int64) -> String {
    sign(TokenPayload(email: email), at: timestamp)
  }

  /// The token that says something, issued at a second since 1970.
  package func sign(_ content: TokenPayload, at timestamp: Int64) -> String {
    precondition(timestamp >= 0, "a token cannot be issued before 1970")
    payload.removeAll(keepingCapacity: true)
    content.encode(to: &payload)
    var isCompressed = false
    if !Deflate.surelyDoesNotHelp(payload) {
      let compressed = compressor.compress(payload)
      if compressed.count < payload.count - 1 {
        payload = compressed
        isCompressed = true
      }
    }
    token.removeAll(keepingCapacity: true)
    if isCompressed { token.append(Self.dot) }
    Base64.urlSafe.encode(payload.span, to: &token)
    token.append(Self.dot)
    let second = [8 of UInt8] { UInt8(truncatingIfNeeded: timestamp >> Int64(56 - 8 * $0)) }
    let zeroCount = timestamp.leadingZeroBitCount / 8
    Base64.urlSafe.encode(second.span.extracting(zeroCount...), to: &token)
    let code = newest.code.code(for: token.span)
    token.append(Self.dot)
    Base64.urlSafe.encode(code.span, to: &token)
    return String(decoding: token, as: UTF8.self)
  }

  private static let dot = UInt8(ascii: ".")

  /// Verifies a token's signature and reads it; its age is for the caller to judge.
  ///
  /// Nothing is inflated or parsed before a key has proven the signature.
  package func verify(_ token: [UInt8]) throws(TokenError) -> Signed {
    guard !token.isEmpty else { throw .invalid(.empty) }
    guard token.count <= Self.maximumTokenByteCount else { throw .invalid(.tooLong) }
    guard let signatureDot = token.lastIndex(of: Self.dot) else {
      throw .invalid(.incomplete)
    }
    let position = try positionOfKey(that: token, signedAt: signatureDot)
    let content = token[..<signatureDot]
    guard let timestampDot = content.lastIndex(of: Self.dot),
      let timestamp = Self.timestamp(from: content[(timestampDot + 1)...])
    else { throw .invalid(.payload) }
    guard let payload = Self.payload(from: content[..<timestampDot]) else {
      throw .invalid(.payload)
    }
    return Signed(payload: payload, issued: timestamp, keyPosition: position)
  }

  /// The position of the key whose signature stands behind the last dot, the newest tried first.
  private func positionOfKey(
    that token: [UInt8], signedAt dot: Int
  ) throws(TokenError) -> Int {
    guard let signature = Base64.urlSafe.decode(token[(dot + 1)...]) else {
      throw .invalid(.signature)
    }
    for (index, key) in keys.enumerated().reversed() {
      let isEqual = unsafe token.withUnsafeBytes { bytes in
        unsafe key.code.isCode(signature, for: UnsafeRawBufferPointer(rebasing: bytes[..<dot]))
      }
      if isEqual { return index + 1 }
    }
    throw .invalid(.signature)
  }

  private static func payload(from text: ArraySlice<UInt8>) -> TokenPayload? {
    let isCompressed = text.first == dot
    guard let decoded = Base64.urlSafe.decode(isCompressed ? text.dropFirst() : text) else {
      return nil
    }
    guard isCompressed else { return TokenPayload(decoding: decoded) }
    return Deflate.decompress(decoded, atMost: maximumPayloadByteCount)
      .flatMap(TokenPayload.init(decoding:))
  }

  private static func timestamp(from text: ArraySlice<UInt8>) -> Int64? {
    guard let bytes = Base64.urlSafe.decode(text), bytes.count <= 8 else { return nil }
    let timestamp = bytes.reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    return timestamp <= latestTimestamp ? Int64(timestamp) : nil
  }
}
