import Testing

@testable import regctl

@Suite("ShellWord") struct ShellWordTests {
  @Test(arguments: [
    "ann@example.org", "a+b@example.org", "./secret.key", "/var/lib/regctl/regctl.db", "-x",
    "a=b", "50%", "1,2:3",
  ])
  func `a word of safe characters is unquoted`(_ value: String) {
    #expect(ShellWord(value)?.text == value)
  }

  @Test(arguments: [
    ("", "''"), ("two words", "'two words'"), ("`id`@x.org", "'`id`@x.org'"),
    ("a;touch${IFS}x;b@x.org", "'a;touch${IFS}x;b@x.org'"), ("~root", "'~root'"),
    ("=ls", "'=ls'"), ("#x", "'#x'"), ("!1", "'!1'"), ("\\", "'\\'"), ("*", "'*'"),
    ("{a,b}", "'{a,b}'"), ("o'brien", #"'o'\''brien'"#), ("'", #"''\'''"#), ("é", "'é'"),
    ("日本", "'日本'"),
  ])
  func `any other word is in single quotes`(_ value: String, word: String) {
    #expect(ShellWord(value)?.text == word)
  }

  @Test func `a quote with an accent over it is a quote`() {
    let word = ShellWord("a'\u{301};id;b")?.text
    #expect(word.map { Array($0.utf8) } == Array("'a'\\''\u{301};id;b'".utf8))
  }

  @Test(arguments: [
    ("\u{1b}[2J", #""$(printf '\033\1332J')""#), ("a\u{202e}", #""$(printf 'a\342\200\256')""#),
    ("-\u{7}%'\"\\`$!\nx", #""$(printf '\055\007\045\047\042\134\140\044\041\012x')""#),
  ])
  func `dangerous characters are in octal, and printf's special ones too`(
    _ value: String, word: String
  ) {
    #expect(ShellWord(value)?.text == word)
  }

  @Test(arguments: ["a\u{0}b", "\n", "ann@example.org\n", "a\r\n"])
  func `text that no shell can pass on is not a word`(_ value: String) {
    #expect(ShellWord(value) == nil)
  }
}
