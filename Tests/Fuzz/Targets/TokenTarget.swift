internal import Base
internal import OpenSSL

@testable import RegctlCore

/// Tokens as received: nothing but a signature by a key is believed, and damage done by mail programs is
/// repaired.
struct TokenTarget: FuzzTarget {
  static let name = "token"

  private let site = SignedSite()

  func check(_ input: [UInt8]) {
    let text = TokenText(input)
    for token in [input, text.repaired] {
      guard let signed = try? site.signer.verify(token) else { continue }
      Property.require(site.isSigned(token), "what is verified was signed by a key")
      Property.require((1...SignedSite.keyCount).contains(signed.keyPosition), "by one of the keys")
    }
    Property.require(
      text.repairs.isEmpty == (text.repaired == input) || holdsLink(input),
      "what is changed is said")
    requireRepair(input)
  }

  private func holdsLink(_ input: [UInt8]) -> Bool { input.contains(UInt8(ascii: "/")) }

  /// Requires that a good token with the damage that some bytes choose is read as the good one.
  private func requireRepair(_ input: [UInt8]) {
    guard let choice = input.first else { return }
    let address = String(decoding: input.dropFirst(2).prefix(40), as: UTF8.self)
    let token = Array(site.signer.sign(address, at: Int64(choice) << 24).utf8)
    var text = token
    if choice & 1 != 0 { text = Array("https://app.example/confirm/".utf8) + text }
    if choice & 2 != 0 {
      let place = min(Int(input.dropFirst().first ?? 0), text.count - 1)
      text.insert(contentsOf: "=\r\n".utf8, at: place)
    }
    if choice & 4 != 0 { text = Array("<".utf8) + text + Array(">".utf8) }
    if choice & 8 != 0 { text += ".".utf8 }
    if choice & 16 != 0 { text = Array(" \t".utf8) + text + Array("\r\n".utf8) }
    Property.require(TokenText(text).repaired == token, "damage of a mail program is repaired")
    let back = try? site.signer.verify(token)
    Property.require(
      back?.payload == TokenPayload(email: address), "a good token says what it said")
  }
}
