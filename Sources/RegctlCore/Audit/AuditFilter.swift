internal import Base

/// The audit entries to list; without any condition all of them.
package struct AuditFilter: Sendable {
  /// At this time or later.
  package var since: Instant?
  /// Before this time.
  package var before: Instant?

  /// The domain of the account or of its new address, ignoring ASCII case, in any spelling.
  package var domain: String?

  /// The name of the operator.
  package var actor: String?
  package var act: AuditEntry.Act?
  package var order: RowOrder = .oldestFirst

  package init() {}

  /// Whether an entry is listed, if the domain has these spellings.
  func includes(_ entry: AuditEntry, domains: [String]) -> Bool {
    (since.map { entry.at >= $0 } ?? true) && (before.map { entry.at < $0 } ?? true)
      && (act.map { entry.act == $0 } ?? true)
      && (actor.map { entry.actor.name.utf8.elementsEqual($0.utf8) } ?? true)
      && (domain == nil || [entry.email, entry.newEmail].contains { Self.is($0, in: domains) })
  }

  private static func `is`(_ email: String?, in domains: [String]) -> Bool {
    guard let email else { return false }
    return domains.contains { domain in
      let ending = "@\(domain)".utf8.map(\.lowercased)
      return email.utf8.suffix(ending.count).map(\.lowercased) == ending
    }
  }
}
