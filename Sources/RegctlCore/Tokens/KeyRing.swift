/// The secret keys, oldest first; the newest is used for signing, all for verification.
package struct KeyRing: Sendable {
  let keys: [[UInt8]]

  /// A key shorter than this can be guessed from one token.
  package static let minimumByteCount = 16

  /// The sample values of the tutorial, which are public.
  private static let samples = ["my_precious", "my_precious_two"].map { Array($0.utf8) }

  /// The reason why a key should not be used.
  package enum Weakness: Equatable, Sendable {
    case short(bytes: Int)
    case sample
    case equalsSalt(setting: String)
  }

  /// Parses the content of a key file: one key per line, oldest first; empty lines are ignored.
  package init?(fileContent: [UInt8]) {
    keys = fileContent.split(separator: UInt8(ascii: "\n")).map { line in
      Array(line.last == UInt8(ascii: "\r") ? line.dropLast() : line)
    }.filter { !$0.isEmpty }
    if keys.isEmpty { return nil }
  }

  package var count: Int { keys.count }

  /// The first weakness found, and the position of the key, counted from 1.
  package func weakness(
    salts: [(setting: String, salt: String)]
  ) -> (position: Int, weakness: Weakness)? {
    for (index, key) in keys.enumerated() {
      if Self.samples.contains(key) { return (index + 1, .sample) }
      if let equal = salts.first(where: { Array($0.salt.utf8) == key }) {
        return (index + 1, .equalsSalt(setting: equal.setting))
      }
      if key.count < Self.minimumByteCount { return (index + 1, .short(bytes: key.count)) }
    }
    return nil
  }
}
