import SMTP
import Testing

@testable import RegctlCore

@Suite("TokenText") struct TokenTextTests {
  private static let token = "ImFubkBleGFtcGxlLm9yZyI.awQAkA.mDpFd9ioYj06Cb48d0p-N259iag"
  private static let compressed = ".eJxTSiQZKAEA_VoTN3h4.awQAkA.K7IDvNVq6uM8bejkjY6CsiabxAY"

  @Test(arguments: [
    ("\(token)", []), ("https://app.example/confirm/\(token)", []),
    ("https://app.example/confirm/\(token)?lang=en", []), ("/confirm/\(token)/", []),
    ("https://app.example/#/confirm?token=\(token)&x=1", []),
    ("  \(token)\r\n", [TokenText.Repair.blanks]), ("\t\(token)", [.blanks]),
    ("ImFubkBleGFtcGxlLm9yZ=\nyI.awQAkA.mDpFd9ioYj06Cb48d0p-N259iag", [.softLineBreak]),
    ("ImFubkBleGFtcGxlLm9yZ=\r\nyI.awQAkA.mDpFd9ioYj06Cb48d0p-N259iag", [.softLineBreak]),
    ("ImFubkBleGFtcGxlLm9yZ\nyI.awQAkA.mDpFd9ioYj06Cb48d0p-N259iag", [.softLineBreak]),
    ("https://app.example/confirm?token=3D\(token)", [.quotedPrintable]),
    ("https://app.example/confirm?token=3d\(token)", [.quotedPrintable]),
    ("https://app.example/confirm?a=1&amp;token=\(token)", [.htmlEscape]),
    ("<\(token)>", [.brackets]), ("\"\(token)\"", [.brackets]), ("('\(token)')", [.brackets]),
    ("<https://app.example/confirm/\(token)>", [.brackets]),
    ("\(token).", [.trailingPunctuation]), ("\(token),", [.trailingPunctuation]),
    ("https://app.example/confirm/\(token)!", [.trailingPunctuation]),
    ("<https://app.example/confirm/\(token)>.", [.brackets, .trailingPunctuation]),
  ])
  func `damage is repaired and reported`(_ given: String, repairs: [TokenText.Repair]) {
    let text = TokenText(Array(given.utf8))
    #expect(String(decoding: text.repaired, as: UTF8.self) == Self.token)
    #expect(text.repairs == repairs)
    #expect(text.raw == Array(given.utf8))
  }

  @Test(arguments: [
    "\(compressed)", "https://app.example/confirm/\(compressed)", "<\(compressed)>",
  ])
  func `the dot before a compressed payload stays`(_ given: String) {
    let text = TokenText(Array(given.utf8))
    #expect(String(decoding: text.repaired, as: UTF8.self) == Self.compressed)
  }

  @Test(arguments: ["", "x", "/", "...", "https://", "<>", "=", "=\n", "\u{0}"])
  func `empty input stays empty`(_ given: String) {
    let text = TokenText(Array(given.utf8))
    #expect(text.repaired.count <= given.utf8.count)
  }

  @Test func `input that is far too long is not repaired`() {
    let bytes = [UInt8](repeating: UInt8(ascii: " "), count: 20_000)
    #expect(TokenText(bytes).repaired == bytes)
    #expect(TokenText(bytes).repairs.isEmpty)
  }

  /// For every position of the line break: regctl writes the mail, and a user pastes its source.
  @Test(arguments: 1...64)
  func `a link pasted from the source of a mail is repaired`(_ count: Int) throws {
    let keys = try #require(KeyRing(fileContent: Array("0123456789abcdef".utf8)))
    let signer = try TokenSigner(keys: keys, salt: "email-confirm")
    let local = String(
      "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-+".prefix(count))
    let token = signer.sign("\(local)@example.org", at: 1_795_424_400)
    let link = "https://app.example/confirm?token=\(token)"
    #expect(TokenText(QuotedPrintable.encode(link)).repaired == Array(token.utf8))
  }
}
