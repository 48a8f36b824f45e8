import TestSupport
import Testing

@testable import RegctlCore

/// A generator with a seed (SplitMix64), so that every run sees the same strings.
private struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var word = state
    word = (word ^ (word >> 30)) &* 0xbf58_476d_1ce4_e5b9
    word = (word ^ (word >> 27)) &* 0x94d0_49bb_1331_11eb
    return word ^ (word >> 31)
  }
}

@Suite("Deflate", .once) struct DeflateTests {
  /// Strings for each seed: 200,000 in all, or the first fifth of them.
  private static let count = TestExtent.isFull ? 25_000 : 5_000

  /// A wrong "surely" would be a token that differs from Python's.
  @Test(arguments: 1...8)
  func `the prediction that compressing does not help is never wrong`(_ seed: Int) {
    var generator = SeededGenerator(seed: UInt64(seed))
    let compressor = Compressor()
    var claims = 0
    for _ in 0..<Self.count {
      let bytes = Self.json(&generator)
      guard Deflate.surelyDoesNotHelp(bytes) else { continue }
      claims += 1
      if compressor.compress(bytes).count < bytes.count - 1 {
        Issue.record("compressing helps \(String(decoding: bytes, as: UTF8.self))")
      }
    }
    // A function that never claims anything would be right as well, and of no use.
    #expect(claims > Self.count * 2 / 5)
  }

  /// A string in quotes: from few or many letters, with or without repetitions.
  ///
  /// Where no three letters occur twice and few letters come up often, only Huffman codes are left
  /// to save anything: there a bound that is too bold would be found out.
  private static func json(_ generator: inout SeededGenerator) -> [UInt8] {
    let alphabet = Array("abcdefghijklmnopqrstuvwxyz0123456789@.-_+ABCXYZ\\/~".utf8)
      .shuffled(using: &generator)
      .prefix([3, 5, 7, 9, 20, 50].randomElement(using: &generator) ?? 50)
    let skew = Int.random(in: 1...4, using: &generator)
    let avoidsRepetition = Int.random(in: 0...3, using: &generator) > 0
    let count = Int.random(in: 0...70, using: &generator)
    var bytes = [UInt8(ascii: "\"")]
    var seen: Set<UInt32> = []
    var trigram: UInt32 = 0
    var misses = 0
    while bytes.count < count, misses < 8 {
      // Of several draws the least: letters at the front come up more often.
      let draws = (0..<skew).map { _ in Int.random(in: 0..<alphabet.count, using: &generator) }
      let letter = alphabet[draws.min() ?? 0]
      let next = trigram << 8 & 0xff_ffff | UInt32(letter)
      if avoidsRepetition, !seen.insert(next).inserted {
        misses += 1
        continue
      }
      (trigram, misses) = (next, 0)
      bytes.append(letter)
    }
    return bytes + [UInt8(ascii: "\"")]
  }

  @Test(arguments: ["", "a", "\"ann@example.org\""])
  func `short text is predicted not to compress`(_ text: String) {
    #expect(Deflate.surelyDoesNotHelp(Array(text.utf8)))
  }

  @Test(arguments: [
    String(repeating: "a", count: 60), "abcabcabcabcabcabcabcabcabc",
    String(repeating: "é", count: 9),
    String(repeating: "x", count: 5000),
  ])
  func `nothing is predicted where compressing helps`(_ text: String) {
    #expect(!Deflate.surelyDoesNotHelp(Array(text.utf8)))
  }

  @Test(arguments: [0, 1, 100, 65_536])
  func `decompressing restores the text`(_ count: Int) {
    let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* $0 >> 3) }
    #expect(Deflate.decompress(Compressor().compress(bytes), atMost: 65_536) == bytes)
  }

  @Test func `a compressor keeps no earlier input`() {
    let compressor = Compressor()
    let bytes = Array("\"ann@example.org, again and again and again\"".utf8)
    let first = compressor.compress(bytes)
    _ = compressor.compress(Array("something else again and again".utf8))
    #expect(compressor.compress(bytes) == first)
  }

  @Test func `a stream that inflates beyond the limit is rejected`() {
    let compressed = Compressor().compress([UInt8](repeating: 0, count: 101))
    #expect(Deflate.decompress(compressed, atMost: 101)?.count == 101)
    #expect(Deflate.decompress(compressed, atMost: 100) == nil)
  }

  @Test func `a truncated stream is rejected`() {
    let compressed = Compressor().compress(Array("\"ann@example.org\"".utf8))
    for count in 0..<compressed.count {
      #expect(Deflate.decompress(Array(compressed.prefix(count)), atMost: 100) == nil)
    }
  }
}
