/// What a token says.
package struct TokenPayload: Equatable, Sendable {
  package let email: String

  /// What must still be so for the token to hold good: which password a reset replaces, which
  /// request a change of address answers. A confirmation has none, as the application's own.
  package let bond: String?

  package init(email: String, bond: String? = nil) {
    self.email = email
    self.bond = bond
  }

  /// Writes the payload as `json.dumps` with compact separators: the address, or a list of address
  /// and bond.
  func encode(to output: inout [UInt8]) {
    guard let bond else { return JSONText.encode(email, to: &output) }
    output.append(UInt8(ascii: "["))
    JSONText.encode(email, to: &output)
    output.append(UInt8(ascii: ","))
    JSONText.encode(bond, to: &output)
    output.append(UInt8(ascii: "]"))
  }

  /// Reads what `encode` writes; `nil` for any other document.
  init?(decoding bytes: [UInt8]) {
    if let email = JSONText.decode(bytes) {
      self.init(email: email)
      return
    }
    guard let texts = JSONText.decodeArray(bytes), texts.count == 2 else { return nil }
    self.init(email: texts[0], bond: texts[1])
  }
}
