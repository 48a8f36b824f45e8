/// The lines of `deny_domains_file` that deny addresses of an import.
///
/// The file is searched once a batch, for the domains that no batch before had.
struct ImportDenials {
  private let denied: DeniedDomains

  /// The line for each domain that was searched for, or that there is none.
  private var known: [AddressDomain: DeniedDomain?] = [:]

  /// Most imports have a few domains only; others must not fill the memory.
  private static let greatestKnownCount = 50_000

  init(_ denied: DeniedDomains) { self.denied = denied }

  /// The line that denies each of some addresses; `nil` where none does.
  mutating func lines(denying emails: [String]) throws(RegctlError) -> [DeniedDomain?] {
    if known.count > Self.greatestKnownCount { known = [:] }
    var domains: [AddressDomain] = []
    domains.reserveCapacity(emails.count)
    for email in emails { domains.append(try AddressDomain(of: email)) }
    let unknown = Set(domains.filter { known[$0] == nil })
    if !unknown.isEmpty {
      let found = try denied.lines(denying: unknown)
      for domain in unknown { known.updateValue(found[domain], forKey: domain) }
    }
    return domains.map { known[$0] ?? nil }
  }
}
