/// What is locked or unlocked: an account by its address, or every account of exactly one domain.
package enum LockTarget: Sendable {
  case account(email: String)
  case domain(AddressDomain)

  /// Reads `EMAIL` or `@DOMAIN`.
  package init(_ word: String) throws(RegctlError) {
    guard word.utf8.first == UInt8(ascii: "@") else {
      self = .account(email: word)
      return
    }
    // A domain is valid if an address in it is.
    do throws(AddressError) {
      _ = try EmailAddress("x\(word)")
    } catch {
      throw .address(AddressError(text: word, fault: error.fault))
    }
    self = .domain(try AddressDomain(of: "x\(word)"))
  }
}
