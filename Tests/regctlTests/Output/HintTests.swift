import Foundation
import Testing

@testable import regctl

@Suite("Hint") struct HintTests {
  @Test func `a value is a shell word, alone or in a command`() {
    let evil = "`id`"
    #expect(Hint(ShellCommand("regctl show", evil)).text == "regctl show '`id`'")
    let hint: Hint = "\(quoting: evil) is \(2) \(quoting: ["a", "b c"]): \(ShellCommand("x", evil))"
    #expect(hint.text == "'`id`' is 2 a, 'b c': x '`id`'")
  }

  @Test func `a hint can contain another`() {
    let inner: Hint = "did you mean \(quoting: "14d")? "
    let outer: Hint = "\(inner)see help"
    #expect(outer.text == "did you mean 14d? see help")
  }

  @Test func `text in a hint is escaped and not a printf command`() {
    let hint: Hint = "the server said \(quoting: "550 \u{1b}[2J\u{0}\n")"
    #expect(hint.text == #"the server said '550 \u{1b}[2J\u{0}\u{a}'"#)
  }

  /// The sources of the command line, line by line.
  private static let lines: [(place: String, text: String)] = {
    let root = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../../../Sources/regctl").standardizedFileURL
    let paths = FileManager.default.enumerator(atPath: root.path())?.compactMap { $0 as? String }
    return (paths ?? []).filter { $0.hasSuffix(".swift") }.sorted().flatMap { path in
      let text = (try? String(contentsOf: root.appending(path: path), encoding: .utf8)) ?? ""
      return text.split(separator: "\n", omittingEmptySubsequences: false).enumerated()
        .map { (place: "\(path):\($0.offset + 1)", text: String($0.element)) }
    }
  }()

  @Test func `plain text cannot append a value to a command`() throws {
    #expect(Self.lines.count > 3000)
    let names = CommandTable.all.map { $0.name }.joined(separator: "|")
    let value = #"\\\((?!count\)|another\))"#
    let command = try Regex(#""[^"]*(regctl (\#(names))|chmod )[^"]*\#(value)[^"]*""#)
    let wrong = Self.lines.filter { $0.text.contains(command) }
    #expect(wrong.map(\.place) == [])
    // The control: the pattern finds the earlier form.
    #expect(#"hint: "regctl resend \(escaped)")"#.contains(command))
    #expect(#"hint: "chmod go-w \(TerminalText.escape(path))")"#.contains(command))
  }

  @Test func `a hint cannot be made from a plain string`() {
    let wrong = Self.lines.filter { line in
      line.text.contains("Hint(stringLiteral:") || line.text.contains("ShellCommand(stringLiteral:")
    }
    #expect(wrong.map(\.place) == [])
  }
}
