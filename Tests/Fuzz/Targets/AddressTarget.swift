@testable import RegctlCore
@testable import SMTP

/// Addresses as typed: what is accepted can be written into commands and headers, and is read again as
/// the same.
struct AddressTarget: FuzzTarget {
  static let name = "address"

  func check(_ input: [UInt8]) {
    guard let text = String(validating: input, as: UTF8.self) else { return }
    for rule in [EmailAddress.DomainRule.hostName, .underscores, .stored] {
      for allowsUTF8 in [false, true] {
        guard let address = try? EmailAddress(text, rule: rule, allowsUTF8: allowsUTF8) else {
          continue
        }
        requireWritable(address, allowsUTF8: allowsUTF8)
        requireSame(address, rule: rule, allowsUTF8: allowsUTF8)
      }
    }
    _ = ReceivedAddress.inside(text)
    _ = ReceivedAddress.decodingUTF8Form(of: text)
    requireXText(text)
  }

  private func requireWritable(_ address: EmailAddress, allowsUTF8: Bool) {
    let bytes = Array(address.mailbox.utf8)
    Property.require(bytes.count <= 254, "an address is not longer than a path may be")
    Property.require(bytes.count { $0 == UInt8(ascii: "@") } == 1, "there is one at sign")
    Property.require(
      bytes.allSatisfy { $0 > 0x20 && $0 != 0x7f && !"<>()[],;:\\\"".utf8.contains($0) },
      "no byte has a meaning in a command or header")
    Property.require(allowsUTF8 || !address.needsUTF8, "characters beyond ASCII are allowed first")
    let domain = bytes[(bytes.firstIndex(of: UInt8(ascii: "@")) ?? 0)...]
    Property.require(domain.allSatisfy { $0 < 0x80 }, "a domain is written in A-labels")
    let envelope = Envelope(
      id: 1, sender: address.mailbox, recipient: address.mailbox, envelopeID: address.text,
      content: [])
    Property.require(envelope.hasSpeakableAddresses, "an address can be written in a command")
    if let parameters = envelope.statusParameters {
      Property.require(
        (parameters.mail + parameters.recipient).utf8.allSatisfy { (0x20...0x7e).contains($0) },
        "parameters of a command are printable ASCII")
    }
    let mailbox = Mailbox(displayName: nil, address: address.mailbox)
    WireFormat.requireTransparent(
      Message(
        from: mailbox, to: mailbox, subject: address.text, date: 1, messageID: "1@b.example",
        text: address.text, html: address.text
      ).bytes)
  }

  private func requireSame(
    _ address: EmailAddress, rule: EmailAddress.DomainRule, allowsUTF8: Bool
  ) {
    for text in [address.text, address.mailbox] {
      let again = try? EmailAddress(text, rule: rule, allowsUTF8: allowsUTF8)
      Property.require(
        again?.mailbox.utf8.elementsEqual(address.mailbox.utf8) ?? false,
        "an accepted address is accepted again, as the same")
    }
    let identity = AddressSpellings.identity(of: address.text)
    for spelling in (try? AddressSpellings(of: address.text).all) ?? [] {
      Property.require(
        AddressSpellings.identity(of: spelling).utf8.elementsEqual(identity.utf8),
        "all spellings are those of one account")
    }
  }

  private func requireXText(_ text: String) {
    let encoded = XText.encode(text)
    Property.require(
      encoded.utf8.allSatisfy { (0x21...0x7e).contains($0) && $0 != UInt8(ascii: "=") },
      "xtext is one word")
    Property.require(
      XText.decode(encoded)?.utf8.elementsEqual(text.utf8) ?? false, "xtext is decoded")
    _ = XText.decode(text)
  }
}
