internal import Base

/// An address that regctl accepts for a new account (RFC 5321 `Mailbox`, dot-atom form only).
///
/// Stored as typed, except that the domain is in lower case. Two addresses belong to the same
/// account when they differ only in ASCII case; dots, plus signs and Unicode are never folded.
package struct EmailAddress: Equatable, Sendable {
  package let text: String

  /// Checks an address byte by byte.
  package init(_ text: String) throws(AddressError) {
    let bytes = Array(text.utf8)
    func refuse(_ fault: AddressError.Fault) -> AddressError {
      AddressError(text: text, fault: fault)
    }
    guard !bytes.isEmpty else { throw refuse(.empty) }
    guard bytes.count <= 254 else { throw refuse(.tooLong) }
    guard !bytes.contains(where: \.isControl) else { throw refuse(.controlByte) }
    guard bytes.allSatisfy({ $0 < 0x80 }) else { throw refuse(.notASCII) }
    guard !bytes.contains(UInt8(ascii: " ")) else { throw refuse(.blank) }
    guard let at = bytes.firstIndex(of: UInt8(ascii: "@")) else { throw refuse(.missingAt) }
    let (local, domain) = (bytes[..<at], bytes[(at + 1)...])
    guard !domain.contains(UInt8(ascii: "@")) else { throw refuse(.severalAt) }
    guard !local.isEmpty, local.count <= 64 else { throw refuse(.localPartLength) }
    guard Self.isDotAtom(local) else { throw refuse(.localPart) }
    guard !Self.isEncodedWord(local) else { throw refuse(.encodedWord) }
    guard Self.isDomain(domain) else { throw refuse(.domain) }
    if !domain.contains(where: \.isCapital) {
      self.text = text
      return
    }
    let lowerCased = domain.map(\.lowercased)
    self.text = String(decoding: local + [UInt8(ascii: "@")] + lowerCased, as: UTF8.self)
  }

  /// Atoms joined by single dots (RFC 5322, section 3.2.3).
  private static func isDotAtom(_ bytes: ArraySlice<UInt8>) -> Bool {
    var isWordEmpty = true
    for byte in bytes {
      if byte == UInt8(ascii: ".") {
        if isWordEmpty { return false }
        isWordEmpty = true
      } else {
        guard byte.isLetterOrDigit || "!#$%&'*+-/=?^_`{|}~".utf8.contains(byte) else {
          return false
        }
        isWordEmpty = false
      }
    }
    return !isWordEmpty
  }

  /// `=?charset?encoding?text?=`, which some mail programs would decode to a different address.
  private static func isEncodedWord(_ bytes: ArraySlice<UInt8>) -> Bool {
    zip(bytes, bytes.dropFirst()).contains { $0 == UInt8(ascii: "=") && $1 == UInt8(ascii: "?") }
  }

  /// Labels of letters, digits and inner hyphens, at least two, the last not all digits (RFC 1123).
  private static func isDomain(_ bytes: ArraySlice<UInt8>) -> Bool {
    let last = bytes.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false).last
    return isHostName(bytes) && bytes.contains(UInt8(ascii: "."))
      && last?.allSatisfy(\.isDigit) == false
  }

  /// Labels of letters, digits and inner hyphens, joined by dots; `localhost` is valid.
  static func isHostName(_ bytes: ArraySlice<UInt8>) -> Bool {
    bytes.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false).allSatisfy(isLabel)
  }

  private static func isLabel(_ label: ArraySlice<UInt8>) -> Bool {
    (1...63).contains(label.count)
      && label.allSatisfy { $0.isLetterOrDigit || $0 == UInt8(ascii: "-") }
      && label.first != UInt8(ascii: "-") && label.last != UInt8(ascii: "-")
  }
}

/// The reason why a text is not an acceptable address.
package struct AddressError: Error, Equatable, Sendable {
  package enum Fault: Equatable, Sendable {
    case empty, tooLong, controlByte, notASCII, blank, missingAt, severalAt, localPartLength
    case localPart, encodedWord, domain
  }

  package let text: String
  package let fault: Fault
}
