import Foundation
import TestSupport
import Testing

/// A shell session: lines to run, and after `-- name --` the files that they use.
struct Script: CustomTestStringConvertible, Sendable {
  struct Line: Sendable {
    let number: Int
    let text: String
  }

  let name: String
  let path: String
  let lines: [Line]
  let files: [(name: String, content: String)]

  var testDescription: String { name }

  /// The scripts for the engine that the tests run for.
  static var forEngine: [Script] {
    all.filter { script in
      script.lines.allSatisfy { line in
        !line.text.hasPrefix("# Only for ")
          || line.text.hasPrefix("# Only for \(TestEngine.current.rawValue): ")
      }
    }
  }

  /// Every script in the directory `Scripts`, by name. One whose line begins with
  /// `# Only for ENGINE: ` and a reason is for that engine.
  static let all: [Script] = {
    let directory = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Scripts")
    let paths = try? FileManager.default.contentsOfDirectory(
      at: directory, includingPropertiesForKeys: nil)
    return (paths ?? []).filter { $0.pathExtension == "txt" }
      .sorted { $0.lastPathComponent < $1.lastPathComponent }
      .compactMap { try? Script(contentsOf: $0) }
  }()

  init(contentsOf url: URL) throws {
    name = url.deletingPathExtension().lastPathComponent
    path = url.path(percentEncoded: false)
    var lines: [Line] = []
    var files: [(name: String, content: String)] = []
    let text = try String(contentsOf: url, encoding: .utf8)
    for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated()
    {
      if line.hasPrefix("-- "), line.hasSuffix(" --") {
        files.append((String(line.dropFirst(3).dropLast(3)), ""))
      } else if files.isEmpty {
        lines.append(Line(number: index + 1, text: String(line)))
      } else {
        files[files.count - 1].content += line + "\n"
      }
    }
    // The file ends in a newline, after which `split` finds one more line.
    if !files.isEmpty { files[files.count - 1].content.removeLast() }
    self.lines = lines
    self.files = files
  }

  /// The words of a line: `'…'` is literal, `$NAME` elsewhere is a variable.
  static func words(of line: String, variables: [String: String]) throws(ScriptFailure) -> [String]
  {
    var words: [String] = []
    var word: String?
    var rest = Substring(line)
    while let character = rest.popFirst() {
      switch character {
      case " ":
        if let complete = word { words.append(complete) }
        word = nil
      case "'", "\"":
        guard let end = rest.firstIndex(of: character) else {
          throw ScriptFailure("a quotation has no end")
        }
        let inner = String(rest[..<end])
        word = try (word ?? "") + (character == "'" ? inner : expand(inner, variables))
        rest = rest[rest.index(after: end)...]
      default:
        let plain = rest.prefix { !" '\"".contains($0) }
        rest = rest.dropFirst(plain.count)
        word = try (word ?? "") + expand(String(character) + plain, variables)
      }
    }
    return words + (word.map { [$0] } ?? [])
  }

  /// Replaces `$NAME` and `${NAME}`; a dollar before anything else is kept.
  static func expand(
    _ text: String, _ variables: [String: String]
  ) throws(ScriptFailure) -> String {
    var output = ""
    var rest = text[...]
    while let match = rest.firstMatch(of: /\$(?:\{([A-Z_]+)\}|([A-Z_]+))/) {
      guard let name = match.1 ?? match.2, let value = variables[String(name)] else {
        throw ScriptFailure("no variable \(match.0)")
      }
      output += rest[..<match.range.lowerBound] + value
      rest = rest[match.range.upperBound...]
    }
    return output + rest
  }
}

/// The reason why a line of a script failed.
struct ScriptFailure: Error {
  let reason: String

  init(_ reason: String) { self.reason = reason }
}
