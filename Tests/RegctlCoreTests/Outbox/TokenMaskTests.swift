import SMTP
import Testing

@testable import RegctlCore

@Suite("TokenMask") struct TokenMaskTests {
  private static let token = "ImFubkBleGFtcGxlLm9yZyI.awQAkA.6bolGNTVoYYbh0yxP_qj3ZvAWic"
  private static let dotless = token.replacing(".", with: "=2E")

  /// The token with a separator after every n characters.
  private static func folded(_ token: String = token, every count: Int, by fold: String) -> String {
    var lines: [String] = []
    var rest = Array(token.utf8)[...]
    while !rest.isEmpty {
      lines.append(String(decoding: rest.prefix(count), as: UTF8.self))
      rest = rest.dropFirst(count)
    }
    return lines.joined(separator: fold)
  }

  /// A byte in quoted-printable.
  private static func encoded(_ byte: UInt8) -> String { "=\(String(byte, radix: 16))" }

  private func hiding(_ text: String, token: String = token) -> String {
    TokenMask([token]).hidingTokens(in: text)
  }

  // MARK: A token

  @Test(arguments: [
    ("554 spam: \(token)", "554 spam: ImFubk…"),
    ("\(token)", "ImFubk…"),
    ("\(token)\(token)", "ImFubk…ImFubk…"),
    ("<https://app.example/confirm/\(token)> no", "<https://app.example/confirm/ImFubk…> no"),
    ("a \(token) b \(token) c", "a ImFubk… b ImFubk… c"),
    ("\(token).", "ImFubk…."),
    // A part from the middle of the token.
    ("554 \(token.dropFirst(1))", "554 …"), ("554 \(token.dropFirst(30)) no", "554 … no"),
    ("554 \(token.prefix(30))", "554 ImFubk…"),
  ])
  func `a quoted token is hidden except for six characters`(
    _ text: String, expected: String
  ) {
    #expect(hiding(text) == expected)
  }

  @Test(
    arguments: [8, 10, 19, 20, 30, 57],
    [" ", "= ", "=\r\n", "> ", " > > ", "\r\n", "\t|", "\u{a0}"])
  func `a folded token is hidden with its folds`(_ count: Int, fold: String) {
    #expect(hiding("554 \(Self.folded(every: count, by: fold)) no") == "554 ImFubk… no")
  }

  @Test(arguments: [
    dotless, dotless.replacing("=2E", with: "=2e"), token.replacing("_", with: "=5F"),
    token.utf8.map { encoded($0).uppercased() }.joined(),
    token.utf8.map { encoded($0) }.joined(separator: "= "),
  ])
  func `a token in quoted-printable is hidden`(_ encoded: String) {
    #expect(hiding("554 \(encoded) no") == "554 ImFubk… no")
    #expect(hiding("554 confirm?t=3D\(encoded)=20no") == "554 confirm?t=3DImFubk…=20no")
  }

  @Test(arguments: [20, 26, 40, 75])
  func `a token in folded quoted-printable is hidden`(_ count: Int) {
    let text = hiding("554 > \(Self.folded(Self.dotless, every: count, by: "= > ")) no")
    #expect(text == "554 > ImFubk… no")
  }

  @Test func `a soft line break without its line end is decoded too`() {
    for count in 20...50 {
      let text = Self.folded(every: count, by: "=")
      #expect(hiding("554 \(text) no") == "554 ImFubk… no")
    }
  }

  @Test(arguments: ["5.7.1 ", "550-5.7.1 ", "msmtp: server message: 550-5.7.1 > "])
  func `pieces with words between are hidden separately`(_ words: String) {
    let text = hiding("554 \(Self.folded(every: 19, by: " \(words)"))")
    #expect(text.hasPrefix("554 ImFubk… \(words)… \(words)… \(words)"))
    #expect(!text.contains("awQAkA"))
  }

  @Test(arguments: ["%2E", "&#46;", " dot ", "(.)"])
  func `differently encoded dots leave nothing usable`(_ dot: String) {
    let text = hiding("554 \(Self.token.replacing(".", with: dot)) no")
    #expect(text.hasPrefix("554 ImFubk…"))
    #expect(!text.contains("bolGNTVo"))
    #expect(!text.contains("kBleGFtc"))
  }

  // MARK: Ordinary text

  @Test(arguments: [0, 1, 5, 20, 38])
  func `nineteen characters of a token stay, and twenty do not`(_ start: Int) {
    let part = Self.token.dropFirst(start)
    #expect(hiding("554 \(part.prefix(19)) no") == "554 \(part.prefix(19)) no")
    #expect(hiding("554 \(part.prefix(20)) no") != "554 \(part.prefix(20)) no")
    #expect(hiding("554 =2E\(part.prefix(19)) no") == "554 =2E\(part.prefix(19)) no")
  }

  @Test(arguments: [
    "", "554 no", "250 2.0.0 Ok: queued as 4bXkQm3y2Sz5vNf",
    "250 2.0.0 OK  1700000000 d9443c01a7336-2ab8c0f4e5dsi1234567pll.89 - gsmtp",
    "451 4.7.1 <ann@example.org>: Recipient address rejected: Greylisted, see https://postgrey.example",
    "550 =?utf-8?Q?Adresse_ung=C3=BCltig?= =20=3D==", "\u{1f642}\u{fffd}…=",
  ])
  func `ordinary words stay`(_ text: String) {
    #expect(hiding(text) == text)
  }

  @Test func `without a token nothing is hidden`() {
    #expect(TokenMask().hidingTokens(in: Self.token) == Self.token)
    #expect(hiding(Self.token, token: "") == Self.token)
    #expect(hiding(Self.token, token: "ImFubk") == Self.token)
  }

  // MARK: Several tokens

  @Test func `each of several tokens is hidden, and no other`() {
    let others = (1...5).map { "\($0)\(Self.token.reversed().map(String.init).joined())\($0)" }
    let mask = TokenMask(others)
    for token in others { #expect(mask.hidingTokens(in: token) == "\(token.prefix(6))…") }
    #expect(
      mask.hidingTokens(in: "\(others[0]) \(Self.token) \(others[4])")
        == "\(others[0].prefix(6))… \(Self.token) \(others[4].prefix(6))…")
  }

  // MARK: Random wrapping

  /// Pseudorandom numbers that are the same in each run.
  private struct Generator: RandomNumberGenerator {
    var state: UInt64

    /// SplitMix64, <https://prng.di.unimi.it/splitmix64.c>.
    mutating func next() -> UInt64 {
      state &+= 0x9e37_79b9_7f4a_7c15
      var mixed = state
      mixed = (mixed ^ mixed >> 30) &* 0xbf58_476d_1ce4_e5b9
      mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
      return mixed ^ mixed >> 31
    }
  }

  /// A token, wrapped in a way that a server might use.
  private func wrapped(_ token: String, by random: inout Generator) -> String {
    let folds = [
      " ", "= ", "=\r\n", "=\n> ", " > ", "\r\n", "\n| ", "=0D=0A", "=20", "\u{200b}", "#",
    ]
    let share = Int.random(in: 0...10, using: &random)
    let width = Int.random(in: 1...76, using: &random)
    let fold = folds.randomElement(using: &random) ?? ""
    var column = Int.random(in: 0..<width, using: &random)
    var text = ""
    for byte in token.utf8 {
      if column == width {
        text += Bool.random(using: &random) ? fold : folds.randomElement(using: &random) ?? ""
        column = 0
      }
      column += 1
      let isEncoded = Int.random(in: 0..<10, using: &random) < share
      text += isEncoded ? Self.encoded(byte).uppercased() : String(UnicodeScalar(byte))
    }
    let noise = ["", "554 5.7.1 spam: ", "Hello =C3=BC ", "t=3D", "https://app.example/"]
    return (noise.randomElement(using: &random) ?? "") + text
      + ([" no", "=20", ".", ""].randomElement(using: &random) ?? "")
  }

  /// The characters of a text that a token can contain.
  private func alphabet(_ text: String, decoding: Bool) -> String {
    let reading = TokenReading(Array(text.utf8), decodesQuotedPrintable: decoding)
    return String(decoding: reading.characters, as: UTF8.self)
  }

  private func hasRun(of token: String, in text: String) -> Bool {
    let bytes = Array(token.utf8)
    return (0...(bytes.count - 20)).contains { start in
      text.utf8.contains(sequence: bytes[start..<(start + 20)])
    }
  }

  @Test(arguments: 1...20)
  func `in any wrapping fewer than twenty characters of a token stay visible`(_ seed: UInt64) {
    var random = Generator(state: seed)
    for _ in 1...25 {
      let text = wrapped(Self.token, by: &random)
      // The control: it is present before masking.
      #expect(hasRun(of: Self.token, in: alphabet(text, decoding: true)), "\(text)")
      let hidden = hiding(text)
      for decoding in [false, true] {
        #expect(!hasRun(of: Self.token, in: alphabet(hidden, decoding: decoding)), "\(text)")
      }
    }
  }

  @Test func `the time is linear in the length of the text`() {
    var random = Generator(state: 7)
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
    let token = String(
      decoding: (0..<8192).map { _ in alphabet.randomElement(using: &random) ?? 0 }, as: UTF8.self)
    let start = ContinuousClock.now
    let text = String(repeating: Self.folded(token, every: 76, by: "= "), count: 8)
    #expect(hiding(text, token: token).utf8.count < 100)
    let repeated = String(repeating: "A", count: 65_536)
    #expect(hiding(repeated, token: String(repeating: "A", count: 8192)) == "AAAAAA…")
    // A quadratic algorithm would take minutes.
    #expect(ContinuousClock.now - start < .seconds(10))
  }
}
