internal import Base
internal import OpenSSL

@testable import RegctlCore

/// A site with two keys and a signer, for targets that read tokens.
final class SignedSite {
  static let keyCount = 2

  private static let keys = ["0123456789abcdef0123456789abcdef", "another-key-0123456789"]
  private static let salt = "email-confirm"

  let signer: TokenSigner
  private let codes: [AuthenticationCode]

  /// A code in a class, because an array cannot have elements that are not copyable.
  private final class AuthenticationCode {
    let code: MessageAuthenticationCode

    init(secret: String) throws {
      let derivation = SignedSite.salt + "signer" + secret
      code = try MessageAuthenticationCode(key: Digest(.sha1).digest(of: Array(derivation.utf8)))
    }
  }

  init() {
    do {
      guard let ring = KeyRing(fileContent: Array(Self.keys.joined(separator: "\n").utf8)) else {
        preconditionFailure("there are keys")
      }
      signer = try TokenSigner(keys: ring, salt: Self.salt)
      codes = try Self.keys.map(AuthenticationCode.init)
    } catch {
      preconditionFailure("OpenSSL is needed: \(error)")
    }
  }

  /// Whether a token ends in the code of what is before it.
  func isSigned(_ token: [UInt8]) -> Bool {
    guard let dot = token.lastIndex(of: UInt8(ascii: ".")) else { return false }
    let content = Array(token[..<dot])
    let signature = Base64.urlSafe.decode(token[(dot + 1)...])
    return codes.contains { code in
      let expected = code.code.code(for: content.span)
      return signature == expected.indices.map { expected[$0] }
    }
  }

  /// A token with a payload and a timestamp that may be anything, signed by the newest key.
  func token(payload: [UInt8], isCompressed: Bool, timestamp: [UInt8]) -> [UInt8] {
    var token: [UInt8] = isCompressed ? [UInt8(ascii: ".")] : []
    Base64.urlSafe.encode(payload.span, to: &token)
    token.append(UInt8(ascii: "."))
    Base64.urlSafe.encode(timestamp.span, to: &token)
    let code = codes[codes.count - 1].code.code(for: token.span)
    token.append(UInt8(ascii: "."))
    Base64.urlSafe.encode(code.span, to: &token)
    return token
  }
}
