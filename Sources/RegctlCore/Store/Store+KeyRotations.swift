internal import SQL

extension Store {
  /// When keys were added to the key file, by the details of their audit entries.
  func additionsOfKeys() throws(RegctlError) -> [String: Instant] {
    guard auditForm == .committed else { return [:] }
    var additions: [String: Instant] = [:]
    try forEach(
      "SELECT detail, at FROM regctl_audit WHERE act = $1 AND detail IS NOT NULL ORDER BY id",
      .text(AuditEntry.Act.rotateKey.rawValue)
    ) { additions[$0.text(0)] = $0.instant(1) }
    return additions
  }
}
