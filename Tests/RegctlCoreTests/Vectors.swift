import Foundation

/// A token made by itsdangerous.
struct TokenVector: Decodable, Sendable {
  let keys: [String]
  let salt: String
  let email: String
  let timestamp: Int64
  let token: String

  static let all: [TokenVector] = Vectors.read("tokens.jsonl")
}

/// A hash made by bcrypt.
struct HashVector: Decodable, Sendable {
  let password: Data
  let hash: String

  enum CodingKeys: String, CodingKey {
    case password = "password_base64"
    case hash
  }

  static let all: [HashVector] = Vectors.read("hashes.jsonl")

  /// Hashes made by Werkzeug.
  static let werkzeug: [HashVector] = Vectors.read("werkzeug.jsonl")
}

/// Files with one JSON object per line, made by `Tests/Peers/frozen_vectors.py`.
private enum Vectors {
  /// The objects of a file; none when it cannot be read, which a test detects.
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
