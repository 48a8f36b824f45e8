import Foundation

/// A token that itsdangerous has made.
struct TokenVector: Decodable, Sendable {
  let keys: [String]
  let salt: String
  let email: String
  let timestamp: Int64
  let token: String

  static let all: [TokenVector] = Vectors.read("tokens.jsonl")
}

/// A hash that bcrypt has made.
struct HashVector: Decodable, Sendable {
  let password: Data
  let hash: String

  enum CodingKeys: String, CodingKey {
    case password = "password_base64"
    case hash
  }

  static let all: [HashVector] = Vectors.read("hashes.jsonl")
}

/// Files of one JSON object a line, made by `Tests/Peers/frozen_vectors.py`.
private enum Vectors {
  /// The objects of a file; none when it cannot be read, which a test notices.
  static func read<Vector: Decodable>(_ name: String) -> [Vector] {
    let file = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "Vectors/\(name)")
    let decoder = JSONDecoder()
    guard let content = try? Data(contentsOf: file) else { return [] }
    return content.split(separator: UInt8(ascii: "\n")).compactMap {
      try? decoder.decode(Vector.self, from: $0)
    }
  }
}
