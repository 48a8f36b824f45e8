/// The audit entries to list; without any condition all of them.
package struct AuditFilter: Sendable {
  package enum Order: Sendable { case oldestFirst, newestFirst }

  /// At this time or later.
  package var since: Instant?

  /// The name of the operator.
  package var actor: String?
  package var act: AuditEntry.Act?
  package var order: Order = .oldestFirst

  package init() {}

  /// Whether an entry is listed.
  package func includes(_ entry: AuditEntry) -> Bool {
    (since.map { entry.at >= $0 } ?? true) && (act.map { entry.act == $0 } ?? true)
      && (actor.map { entry.actor.name.utf8.elementsEqual($0.utf8) } ?? true)
  }
}
