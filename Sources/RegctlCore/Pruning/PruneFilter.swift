internal import Base

/// The accounts that a prune looks at, of those that are old enough, or that it has taken.
package struct PruneFilter: Sendable {
  private var ids: Set<AccountID>?

  /// The addresses as `AddressSpellings.identity`, as bytes: strings that are canonically equivalent
  /// in Unicode are the addresses of different accounts.
  private let identities: Set<[UInt8]>

  /// The domain in every spelling, with the at sign before it; `nil` for every domain.
  private let suffixes: [String]?
  private let since: Instant?
  private let before: Instant?

  /// A part of the address, ignoring ASCII case; `nil` for any.
  package var pattern: String?

  /// Every account.
  package init() { (ids, identities, suffixes, since, before) = (nil, [], nil, nil, nil) }

  /// Accounts with some IDs, of a domain in any spelling, registered from one time until another;
  /// `nil` for any.
  package init(
    ids: [AccountID]?, domain: String?, since: Instant?, before: Instant?
  ) throws(RegctlError) {
    try self.init(ids: ids.map(Set.init), [], domain: domain, since: since, before: before)
  }

  /// Accounts with some addresses or IDs, whether they exist or not, of a domain in any spelling,
  /// registered from one time until another; `nil` for any.
  package init(
    named words: [String]?, domain: String?, since: Instant?, before: Instant?
  ) throws(RegctlError) {
    let ids = words.map { words in Set(words.compactMap(AccountID.init(typed:))) }
    let identities = (words ?? []).filter { AccountID(typed: $0) == nil }
      .map { Array(AddressSpellings.identity(of: $0).utf8) }
    try self.init(ids: ids, Set(identities), domain: domain, since: since, before: before)
  }

  private init(
    ids: Set<AccountID>?, _ identities: Set<[UInt8]>, domain: String?, since: Instant?,
    before: Instant?
  ) throws(RegctlError) {
    (self.ids, self.identities) = (ids, identities)
    suffixes = try domain.map { domain throws(RegctlError) in
      try AddressSpellings.spellings(ofDomain: domain).map { "@\($0)" }
    }
    (self.since, self.before) = (since, before)
  }

  /// The filter that includes only accounts with some IDs.
  func only(_ ids: [AccountID]) -> PruneFilter {
    var filter = self
    filter.ids = Set(ids).intersection(self.ids ?? Set(ids))
    return filter
  }

  /// Whether an account is looked at; a local time of an unknown zone is taken for UTC.
  func includes(_ candidate: PruneCandidate) -> Bool {
    includes(candidate.id, candidate.email, registeredOn: candidate.registeredOn)
  }

  /// Whether an account is included; a local time of an unknown zone is taken for UTC.
  package func includes(_ id: AccountID, _ email: String, registeredOn: AccountDate?) -> Bool {
    if let ids, !ids.contains(id) {
      guard !identities.isEmpty,
        identities.contains(Array(AddressSpellings.identity(of: email).utf8))
      else { return false }
    }
    if let pattern, !Self.contains(email, pattern) { return false }
    if let suffixes, !suffixes.contains(where: { Self.ends(email, with: $0) }) { return false }
    if since == nil, before == nil { return true }
    guard let moment = registeredOn?.assumingUTC else { return false }
    return since.map { moment >= $0 } ?? true && before.map { moment < $0 } ?? true
  }

  /// Whether an address has a part, ignoring ASCII case.
  private static func contains(_ email: String, _ part: String) -> Bool {
    let (email, part) = (email.utf8.map(\.lowercased), part.utf8.map(\.lowercased))
    return part.isEmpty
      || email.indices.contains { email[$0...].starts(with: part) }
  }

  /// Whether an address ends with a text, ignoring ASCII case.
  private static func ends(_ email: String, with suffix: String) -> Bool {
    let end = email.utf8.suffix(suffix.utf8.count)
    return end.count == suffix.utf8.count
      && AddressSpellings.isSame(String(decoding: end, as: UTF8.self), suffix)
  }
}
