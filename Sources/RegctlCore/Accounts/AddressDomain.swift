/// The domain of an address, the same for each of its spellings.
package struct AddressDomain: Hashable, Sendable {
  /// In A-labels and lower case.
  package let name: String

  /// A domain as it is stored.
  init(name: String) { self.name = name }

  /// The domain of an address.
  init(of email: String) throws(RegctlError) {
    let identity = try AddressSpellings(of: email).identity
    let at = identity.utf8.lastIndex(of: UInt8(ascii: "@"))
    name = at.map { String(identity[identity.utf8.index(after: $0)...]) } ?? identity
  }
}
