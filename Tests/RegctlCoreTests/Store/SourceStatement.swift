import Foundation
import Testing

/// A statement in the sources of the store.
struct SourceStatement: Sendable, CustomTestStringConvertible {
  let file: String

  /// The function in which it stands, or an empty text.
  let function: String

  /// The SQL as in the source.
  let sql: String

  /// The SQL without quoted text.
  let words: String

  /// Whether the statement is marked as for SQLite only.
  let isMarked: Bool

  var testDescription: String { "\(file): \(words)" }

  /// The statements of a file: literals that begin with an SQL verb. Those assembled at run time
  /// are omitted.
  static func all(in file: String, _ text: String) -> [SourceStatement] {
    let code = text.replacing(/\/\/[^\n]*/, with: "")
    let functions = code.matches(of: /(?m)^  (?! )[^\n]*?\b(?:(?:func|var|let) (\w+)|(init)\b)/)
    return code.matches(of: /(?s)"""\n.*?"""|"(?:[^"\\\n]|\\.)*"/).compactMap { literal in
      let sql = literal.output.drop { $0 == "\"" || $0.isWhitespace }
      guard sql.prefixMatch(of: /(?:SELECT|INSERT|UPDATE|DELETE|WITH|PRAGMA)\b/) != nil else {
        return nil
      }
      let before = code[..<literal.range.lowerBound].suffix(60)
      if before.firstMatch(of: /SQLText\(\s*$/) != nil { return nil }
      let function = functions.last { $0.range.lowerBound < literal.range.lowerBound }
      return SourceStatement(
        file: file, function: function.map { String($0.output.1 ?? $0.output.2 ?? "") } ?? "",
        sql: String(sql).replacing(/\s*"+$/, with: "").replacing("\\\"", with: "\""),
        words: String(sql).replacing(/'[^']*'/, with: "''"),
        isMarked: before.firstMatch(of: /sqlite:\s*$/) != nil)
    }
  }

  /// Every statement of the store except for the schema, which is separate for each engine.
  static let ofStore: [SourceStatement] = {
    let store = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../../../Sources/RegctlCore/Store").standardizedFileURL
    let names = (try? FileManager.default.contentsOfDirectory(atPath: store.path())) ?? []
    return names.filter { $0.hasSuffix(".swift") && !$0.hasPrefix("Schema") }.sorted().flatMap {
      name in
      let text = (try? String(contentsOf: store.appending(path: name), encoding: .utf8)) ?? ""
      return SourceStatement.all(in: name, text)
    }
  }()
}
