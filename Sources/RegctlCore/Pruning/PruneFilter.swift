/// The accounts that a prune looks at, of those that are old enough.
package struct PruneFilter: Sendable {
  private var ids: Set<AccountID>?

  /// The domain in every spelling, with the at sign before it; `nil` for every domain.
  private let suffixes: [String]?
  private let since: Instant?
  private let before: Instant?

  /// Every account.
  package init() { (ids, suffixes, since, before) = (nil, nil, nil, nil) }

  /// Accounts with some IDs, of a domain in any spelling, registered from one time until another;
  /// `nil` for any.
  package init(
    ids: [AccountID]?, domain: String?, since: Instant?, before: Instant?
  ) throws(RegctlError) {
    self.ids = ids.map(Set.init)
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
    if let ids, !ids.contains(candidate.id) { return false }
    if let suffixes, !suffixes.contains(where: { Self.ends(candidate.email, with: $0) }) {
      return false
    }
    if since == nil, before == nil { return true }
    guard let moment = candidate.registeredOn?.assumingUTC else { return false }
    return since.map { moment >= $0 } ?? true && before.map { moment < $0 } ?? true
  }

  /// Whether an address ends with a text, ignoring ASCII case.
  private static func ends(_ email: String, with suffix: String) -> Bool {
    let end = email.utf8.suffix(suffix.utf8.count)
    return end.count == suffix.utf8.count
      && AddressSpellings.isSame(String(decoding: end, as: UTF8.self), suffix)
  }
}
