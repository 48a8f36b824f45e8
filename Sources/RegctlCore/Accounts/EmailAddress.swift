internal import Base
internal import IDN2

/// An address that regctl accepts for a new account (RFC 5321 `Mailbox`, dot-atom form only).
///
/// Stored as typed, except that the domain is in lower case. Two addresses belong to the same
/// account when they differ only in ASCII case or in the spelling of an international domain; dots,
/// plus signs and Unicode are never folded. The local part may have characters beyond ASCII
/// (RFC 6531, section 3.3) where that is allowed.
package struct EmailAddress: Equatable, Sendable {
  /// What the domain of an address may be.
  package enum DomainRule: Sendable {
    /// A host name (RFC 1123).
    case hostName
    /// A host name that may have underscores.
    case underscores
    /// That of an account that exists: as `underscores`, and an A-label need not be valid.
    case stored
  }

  package let text: String

  /// The address that mail is sent to: the domain in A-labels.
  package let mailbox: String

  /// Whether the local part has characters beyond ASCII, so that only a server with SMTPUTF8 takes
  /// mail for it.
  package var needsUTF8: Bool { !mailbox.utf8.allSatisfy { $0 < 0x80 } }

  /// Checks an address byte by byte; a domain beyond ASCII, or a new one with an A-label, needs
  /// libidn2. `allowsUTF8` lets the local part have characters beyond ASCII.
  package init(
    _ text: String, rule: DomainRule = .hostName, allowsUTF8: Bool = false
  ) throws(AddressError) {
    let bytes = Array(text.utf8)
    func refuse(_ fault: AddressError.Fault) -> AddressError {
      AddressError(text: text, fault: fault)
    }
    guard !bytes.isEmpty else { throw refuse(.empty) }
    // A domain can be shorter in A-labels than as it is given.
    let limit =
      bytes.allSatisfy { $0 < 0x80 } ? Self.maximumByteCount : 4 * Self.maximumByteCount
    guard bytes.count <= limit else { throw refuse(.tooLong) }
    guard !bytes.contains(where: \.isControl) else { throw refuse(.controlByte) }
    guard !bytes.contains(UInt8(ascii: " ")) else { throw refuse(.blank) }
    guard let at = bytes.firstIndex(of: UInt8(ascii: "@")) else { throw refuse(.missingAt) }
    let (local, domain) = (bytes[..<at], bytes[(at + 1)...])
    let isLocalASCII = local.allSatisfy { $0 < 0x80 }
    guard isLocalASCII || allowsUTF8 else { throw refuse(.notASCII) }
    guard !domain.contains(UInt8(ascii: "@")) else { throw refuse(.severalAt) }
    guard !local.isEmpty, local.count <= 64 else { throw refuse(.localPartLength) }
    guard Self.isDotAtom(local) else { throw refuse(.localPart) }
    guard !Self.isEncodedWord(local) else { throw refuse(.encodedWord) }
    if !isLocalASCII, let fault = LocalPart.fault(in: local, isStored: rule == .stored) {
      throw refuse(fault)
    }
    let isASCII = domain.allSatisfy { $0 < 0x80 }
    var lowerCased = domain.map(\.lowercased)
    var ascii = lowerCased
    if !isASCII || rule != .stored && InternationalDomain.isNeeded(for: domain) {
      do throws(IDN2Error) {
        let both = try InternationalDomain(String(decoding: domain, as: UTF8.self))
        ascii = Array(both.ascii.utf8)
        lowerCased = isASCII ? ascii : Array(both.unicode.utf8)
      } catch {
        switch error {
        case .library(let reason): throw refuse(.library(reason: reason))
        case .domain(let reason): throw refuse(.international(reason: reason))
        }
      }
    }
    guard Self.isDomain(ascii[...]) else { throw refuse(.domain) }
    guard rule != .hostName || !ascii.contains(UInt8(ascii: "_")) else {
      throw refuse(.underscore)
    }
    func address(_ domain: [UInt8]) -> String {
      String(decoding: local + [UInt8(ascii: "@")] + domain, as: UTF8.self)
    }
    guard at + 1 + ascii.count <= Self.maximumByteCount else { throw refuse(.tooLong) }
    self.text = domain.elementsEqual(lowerCased) ? text : address(lowerCased)
    mailbox = lowerCased == ascii ? self.text : address(ascii)
  }

  /// RFC 5321, section 4.5.3.1.3, without the angle brackets.
  private static let maximumByteCount = 254

  /// Atoms joined by single dots (RFC 5322, section 3.2.3; RFC 6532, section 3.2).
  private static func isDotAtom(_ bytes: ArraySlice<UInt8>) -> Bool {
    var isWordEmpty = true
    for byte in bytes {
      if byte == UInt8(ascii: ".") {
        if isWordEmpty { return false }
        isWordEmpty = true
      } else {
        guard byte >= 0x80 || byte.isLetterOrDigit || "!#$%&'*+-/=?^_`{|}~".utf8.contains(byte)
        else { return false }
        isWordEmpty = false
      }
    }
    return !isWordEmpty
  }

  /// `=?charset?encoding?text?=`, which some mail programs would decode to a different address.
  private static func isEncodedWord(_ bytes: ArraySlice<UInt8>) -> Bool {
    zip(bytes, bytes.dropFirst()).contains { $0 == UInt8(ascii: "=") && $1 == UInt8(ascii: "?") }
  }

  /// Labels of letters, digits, underscores and inner hyphens, at least two, the last not all digits
  /// (RFC 1123, but for the underscores).
  static func isDomain(_ bytes: ArraySlice<UInt8>) -> Bool {
    var rest = bytes
    while let dot = rest.firstIndex(of: UInt8(ascii: ".")) {
      guard isDomainLabel(rest[..<dot]) else { return false }
      rest = rest[(dot + 1)...]
    }
    return rest.count < bytes.count && isDomainLabel(rest) && !rest.allSatisfy(\.isDigit)
  }

  private static func isDomainLabel(_ label: ArraySlice<UInt8>) -> Bool {
    isLabel(label, of: { $0.isLetterOrDigit || $0 == UInt8(ascii: "_") })
  }

  /// Labels of letters, digits and inner hyphens, joined by dots; `localhost` is valid.
  static func isHostName(_ bytes: ArraySlice<UInt8>) -> Bool {
    bytes.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
      .allSatisfy { isLabel($0, of: \.isLetterOrDigit) }
  }

  private static func isLabel(
    _ label: ArraySlice<UInt8>, of isInner: (UInt8) -> Bool
  ) -> Bool {
    (1...63).contains(label.count)
      && label.allSatisfy { isInner($0) || $0 == UInt8(ascii: "-") }
      && label.first != UInt8(ascii: "-") && label.last != UInt8(ascii: "-")
  }
}

/// The reason why a text is not an acceptable address.
package struct AddressError: Error, Equatable, Sendable {
  package enum Fault: Equatable, Sendable {
    case empty, tooLong, controlByte, blank, missingAt, severalAt, localPartLength
    /// The part before the at sign has a byte beyond ASCII, which a setting may allow.
    case notASCII
    /// The part before the at sign has a character that is invisible or changes how others are shown.
    case invisible(Unicode.Scalar)
    /// The part before the at sign is not in Unicode normal form C, and what it is in it, if that does
    /// not bring in a character of ASCII.
    case notNormal(String?)
    case localPart, encodedWord, domain
    /// The domain has an underscore, which a setting may allow.
    case underscore
    /// The domain has no other spelling, with the words of libidn2.
    case international(reason: String)
    /// libidn2, which the domain needs, cannot be loaded.
    case library(reason: String)
  }

  package let text: String
  package let fault: Fault

  package init(text: String, fault: Fault) {
    self.text = text
    self.fault = fault
  }
}
