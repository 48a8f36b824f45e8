/// An address with its domain in the spelling that it is not stored in.
package enum OtherSpelling: Equatable, Sendable {
  /// The domain in A-labels, to which mail is sent.
  case ascii(String)
  /// The domain in U-labels, as people read it.
  case unicode(String)

  /// The other spelling of a stored address; `nil` where there is none.
  ///
  /// Throws if there may be one and libidn2 cannot be loaded.
  init?(of address: String) throws(RegctlError) {
    let others = try AddressSpellings(of: address).all.dropFirst()
    let isASCII = address.utf8.allSatisfy { $0 < 0x80 }
    // A domain beyond ASCII that is neither spelling has two others; mail is sent to the first.
    guard let other = isASCII ? others.last : others.first else { return nil }
    self = isASCII ? .unicode(other) : .ascii(other)
  }

  package var text: String {
    switch self {
    case .ascii(let text), .unicode(let text): text
    }
  }
}
