internal import Base
internal import OpenSSL
internal import System

/// A hash as `werkzeug.security` writes it: `scrypt:32768:8:1$SALT$KEY` or
/// `pbkdf2:sha256:1000000$SALT$KEY`, with the key in hexadecimal digits.
struct WerkzeugHash {
  /// The function and its cost.
  let function: KeyDerivation
  let salt: [UInt8]

  /// The digits of the key, in lower case.
  let digits: [UInt8]

  /// Whether regctl computes it: a damaged or foreign database could otherwise make a check take
  /// hours, or all memory.
  var isRun: Bool {
    switch function {
    // Sixteen times the cost of Werkzeug's default, and 256 MiB.
    case .scrypt(let blocks, let size, let passes):
      blocks * size <= 1 << 21 && passes <= 1 << 22 && blocks * size * passes <= 1 << 22
    // Ten times Werkzeug's default.
    case .pbkdf2(_, let iterations): iterations <= 10_000_000
    }
  }

  /// Reads a hash; `nil` when the text is not one.
  init?(_ text: String) {
    let bytes = Array(text.utf8)
    let dollar = UInt8(ascii: "$")
    guard bytes.count <= 1024, bytes.first == UInt8(ascii: "s") || bytes.first == UInt8(ascii: "p")
    else { return nil }
    let parts = bytes.split(
      separator: dollar, maxSplits: 2, omittingEmptySubsequences: false)
    guard parts.count == 3, !parts[1].isEmpty, !parts[1].contains(where: \.isControl),
      let function = Self.function(parts[0]), parts[2].count == 2 * function.keyByteCount,
      parts[2].allSatisfy({ $0.isDigit || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains($0) })
    else { return nil }
    self.function = function
    salt = Array(parts[1])
    digits = Array(parts[2])
  }

  private static func function(_ method: ArraySlice<UInt8>) -> KeyDerivation? {
    let words = method.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
    if words.count == 4, words[0].elementsEqual("scrypt".utf8) {
      guard let blocks = number(words[1]), let size = number(words[2]),
        let passes = number(words[3]),
        blocks > 1, blocks & (blocks - 1) == 0
      else { return nil }
      return .scrypt(blocks: blocks, size: size, passes: passes)
    }
    guard words.count == 3, words[0].elementsEqual("pbkdf2".utf8),
      let algorithm = algorithm(words[1]), let iterations = number(words[2])
    else { return nil }
    return .pbkdf2(algorithm, iterations: iterations)
  }

  /// The algorithm by its name in Python's `hashlib`.
  private static func algorithm(_ name: ArraySlice<UInt8>) -> Digest.Algorithm? {
    switch String(decoding: name, as: UTF8.self) {
    case "sha1": .sha1
    case "sha256": .sha256
    case "sha512": .sha512
    default: nil
    }
  }

  /// A number greater than 0 of at most nine digits.
  private static func number(_ digits: ArraySlice<UInt8>) -> Int? {
    guard (1...9).contains(digits.count), digits.allSatisfy(\.isDigit) else { return nil }
    let number = digits.reduce(0) { $0 * 10 + Int($1 - 48) }
    return number > 0 ? number : nil
  }

  /// The digits of a password's key.
  func digits(of password: [UInt8]) throws(RegctlError) -> [UInt8] {
    Array(Hexadecimal.text(of: try openSSL(function.key(of: password, salt: salt))).utf8)
  }

  /// The hash of a password with a new random salt.
  static func newText(
    of password: [UInt8], _ function: KeyDerivation
  ) throws(RegctlError) -> String {
    let salt = newSalt()
    let key = try openSSL(function.key(of: password, salt: Array(salt.utf8)))
    return text(function, salt: salt, key: key)
  }

  /// A well-formed hash with a random key, which no password is known to have.
  static func unmatchable(_ function: KeyDerivation) -> String {
    text(function, salt: newSalt(), key: RandomBytes.generate(function.keyByteCount))
  }

  private static func text(_ function: KeyDerivation, salt: String, key: [UInt8]) -> String {
    let method =
      switch function {
      case .scrypt(let blocks, let size, let passes): "scrypt:\(blocks):\(size):\(passes)"
      case .pbkdf2(.sha1, let iterations): "pbkdf2:sha1:\(iterations)"
      case .pbkdf2(.sha256, let iterations): "pbkdf2:sha256:\(iterations)"
      case .pbkdf2(.sha512, let iterations): "pbkdf2:sha512:\(iterations)"
      }
    return "\(method)$\(salt)$\(Hexadecimal.text(of: key))"
  }

  /// Sixteen letters and digits, as `werkzeug.security.gen_salt` makes them.
  private static func newSalt() -> String {
    let alphabet = Array("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789".utf8)
    var characters: [UInt8] = []
    while characters.count < 16 {
      // Values beyond the alphabet are discarded, so that all characters are equally likely.
      let byte = Int(RandomBytes.generate(1)[0] & 63)
      if byte < alphabet.count { characters.append(alphabet[byte]) }
    }
    return String(decoding: characters, as: UTF8.self)
  }
}
