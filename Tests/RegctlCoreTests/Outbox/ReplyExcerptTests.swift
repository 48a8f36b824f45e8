import Testing

@testable import RegctlCore

@Suite("ReplyExcerpt") struct ReplyExcerptTests {
  private static let token = "ImFubkBleGFtcGxlLm9yZyI.awQAkA.6bolGNTVoYYbh0yxP_qj3ZvAWic"

  @Test(arguments: [0, 1, 1023, 1024])
  func `1 KiB is kept unchanged`(_ count: Int) {
    let words = String(repeating: "x", count: count)
    #expect(ReplyExcerpt.of(words) == words)
  }

  @Test(arguments: [1025, 65_536])
  func `of a longer reply the beginning is kept`(_ count: Int) {
    #expect(
      ReplyExcerpt.of(String(repeating: "x", count: count))
        == String(repeating: "x", count: 1021) + "…")
  }

  @Test(arguments: ["ü", "€", "🙂", "\u{301}", "\u{fffd}"], [0, 1, 2, 3])
  func `truncation is between two characters`(_ character: String, shift: Int) {
    let words = String(repeating: "x", count: shift) + String(repeating: character, count: 1000)
    let kept = ReplyExcerpt.of(words)
    #expect(kept.utf8.count <= 1024)
    #expect(kept.utf8.count > 1024 - character.utf8.count)
    #expect(kept.utf8.suffix(3).elementsEqual("…".utf8))
    #expect(words.utf8.starts(with: kept.utf8.dropLast(3)))
  }

  @Test func `tokens are hidden before truncation`() {
    for length in 950...1030 {
      let words = String(repeating: "x", count: length) + Self.token
      let kept = ReplyExcerpt.of(words, hiding: TokenMask([Self.token]))
      #expect(!kept.contains(Self.token.prefix(7)))
    }
  }
}
