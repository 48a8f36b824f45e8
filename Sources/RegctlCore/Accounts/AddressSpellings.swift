internal import Base
internal import IDN2

/// The spellings under which the account of an address may be stored.
///
/// An application stores what a person typed: the domain in A-labels or in U-labels, whose letters
/// beyond ASCII the database compares with their case. Addresses with any other domain have one
/// spelling, and need no library.
package struct AddressSpellings {
  /// The given text, then the spellings of its domain; they differ in more than ASCII case.
  let all: [String]

  /// The same text for all addresses of an account: the domain in A-labels, all in lower case.
  let identity: String

  /// The spellings of an address; a domain that is not valid has no other.
  ///
  /// Throws if there may be several and libidn2 cannot be loaded.
  init(of address: String) throws(RegctlError) {
    let at = address.utf8.lastIndex(of: UInt8(ascii: "@"))
    let start = at.map(address.utf8.index(after:)) ?? address.startIndex
    guard let domain = try Self.domain(String(address[start...]), in: address) else {
      (all, identity) = ([address], Self.lowerCased(address))
      return
    }
    var all = [address]
    for spelling in [domain.ascii, Self.capitals(of: domain), domain.unicode] {
      let spelling = "\(address[..<start])\(spelling)"
      if !all.contains(where: { Self.isSame($0, spelling) }) { all.append(spelling) }
    }
    self.all = all
    identity = Self.lowerCased("\(address[..<start])\(domain.ascii)")
  }

  /// The same text for all addresses of an account, or only in lower case if libidn2 is needed for it
  /// and cannot be loaded.
  static func identity(of address: String) -> String {
    (try? AddressSpellings(of: address))?.identity ?? lowerCased(address)
  }

  /// The spellings of a domain, of which there are at most two; one that is not valid has no other,
  /// and no domain has none.
  static func spellings(ofDomain text: String?) throws(RegctlError) -> [String] {
    guard let text else { return [] }
    guard let domain = try Self.domain(text, in: text) else { return [text] }
    return domain.ascii == domain.unicode ? [domain.ascii] : [domain.ascii, domain.unicode]
  }

  /// Whether the account of an address may be stored under another spelling of the domain.
  package static func areSeveral(for address: String) -> Bool {
    let at = address.utf8.lastIndex(of: UInt8(ascii: "@"))
    let start = at.map(address.utf8.index(after:)) ?? address.startIndex
    return InternationalDomain.isNeeded(for: address.utf8[start...])
  }

  /// Whether two texts differ at most in ASCII case, as the database compares them.
  static func isSame(_ text: String, _ other: String) -> Bool {
    text.utf8.lazy.map(\.lowercased).elementsEqual(other.utf8.lazy.map(\.lowercased))
  }

  /// The domain with capitals for its letters beyond ASCII, as far as each has one of its own; in
  /// U-labels if libidn2 knows one of them not.
  ///
  /// The capital of the dotless i is the I of ASCII, and that of the final sigma is that of every
  /// sigma: they would make another domain. The capital of ɤ is younger than libidn2 may be.
  private static func capitals(of domain: InternationalDomain) -> String {
    var capitals = String.UnicodeScalarView()
    for scalar in domain.unicode.unicodeScalars {
      let mapping = scalar.properties.uppercaseMapping.unicodeScalars
      guard !scalar.isASCII, mapping.count == 1, let capital = mapping.first,
        capital.properties.lowercaseMapping.unicodeScalars.elementsEqual([scalar])
      else {
        capitals.append(scalar)
        continue
      }
      capitals.append(capital)
    }
    let spelling = String(capitals)
    return (try? InternationalDomain(spelling)) == domain ? spelling : domain.unicode
  }

  private static func lowerCased(_ text: String) -> String {
    String(decoding: text.utf8.map(\.lowercased), as: UTF8.self)
  }

  /// The domain of a text, if it has several spellings.
  private static func domain(
    _ domain: String, in text: String
  ) throws(RegctlError) -> InternationalDomain? {
    guard InternationalDomain.isNeeded(for: domain.utf8) else { return nil }
    do throws(IDN2Error) {
      return try InternationalDomain(domain)
    } catch {
      switch error {
      case .domain: return nil
      case .library(let reason):
        throw .address(AddressError(text: text, fault: .library(reason: reason)))
      }
    }
  }
}
