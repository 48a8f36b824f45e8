/// A problem found in a database server, or in how it is reached.
package enum ServerFinding: Equatable, Sendable {
  /// Its version gets no corrections any more.
  case unsupported(product: String, since: Instant)
  /// Its version is newer than this one of regctl.
  case untested(product: String)
  /// It takes no changes.
  case standby
  /// None of several hosts takes changes.
  case noPrimary
  /// Commits wait for no standby.
  case asynchronous(standbys: Int)
  /// Commits wait for a standby that is not there.
  case noSynchronousStandby
  /// Commits of others than regctl do not wait for the standby.
  case unawaitedStandby(level: String)
  /// Commits of others than regctl are not awaited at all.
  case lateCommits
  /// A crash of the machine can damage the database.
  case unsafeSetting(String)
  /// A pooler stands before the server, and delivering needs the server itself.
  case pooled
  /// The address for delivering is a pooler's.
  case pooledDelivery
  case missingRights([ServerState.MissingRight], role: String, isReader: Bool)
  /// Roles that can rewrite the audit, or have rights that the application does not need.
  case intruders([String])
  case superuser(role: String)
  case ownerOfAudit(role: String)
  case encoding(String)
  case changedCollations([String])
  /// A new account would get the number of another one.
  case lateSequence(LateSequence)
  /// Its clock differs from this machine's.
  case clock(lead: Duration)

  /// Whether it is only a recommendation.
  package var isAdvice: Bool {
    switch self {
    case .unsupported, .untested, .standby, .unawaitedStandby, .lateCommits, .superuser,
      .ownerOfAudit:
      true
    case .noPrimary, .asynchronous, .noSynchronousStandby, .unsafeSetting, .pooled,
      .pooledDelivery, .missingRights, .intruders, .encoding, .changedCollations,
      .lateSequence, .clock:
      false
    }
  }
}
