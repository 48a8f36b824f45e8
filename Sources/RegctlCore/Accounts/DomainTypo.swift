internal import Base

/// Finds domains that are probably typos, given the most frequent domains of confirmed accounts.
package struct DomainTypo: Sendable {
  private let known: [String]
  private let lookup: Set<String>

  /// Domains in lower case, the most frequent first.
  init(known: [String]) {
    self.known = known
    lookup = Set(known)
  }

  /// The probable correct address; `nil` when the domain is known, or similar to no known one.
  package func correction(of email: String) -> String? {
    guard let at = email.utf8.lastIndex(of: UInt8(ascii: "@")) else { return nil }
    let domain = email[email.index(after: at)...].lowercased()
    guard !lookup.contains(domain) else { return nil }
    // In a short domain, two edits often lead to an unrelated name.
    let limit = domain.utf8.count < 8 ? 1 : 2
    let likely = known.lazy.filter {
      abs($0.utf8.count - domain.utf8.count) <= limit
        && EditDistance.between($0, domain) <= limit
    }.first
    return likely.map { "\(email[...at])\($0)" }
  }
}
