/// What a server says about itself, its standbys and the user, for `doctor`.
package struct ServerState: Equatable, Sendable {
  /// The product with its version, for messages.
  package var product: String

  /// When its version gets no corrections any more; `nil` for a version newer than regctl.
  package var supportEnd: Instant?

  /// The database and the host.
  package var name: String

  /// Whether the server repeats the changes of another one and takes none itself.
  package var isStandby = false

  /// Whether the address names several hosts, and none takes changes.
  package var isOneOfSeveral = false

  package var replication = Replication()
  package var role: Role

  /// The settings that a crash needs to leave the database whole, as far as they are off.
  package var unsafeSettings: [String] = []
  package var encoding = "UTF8"

  /// The collations whose rules changed since indexes were sorted by them.
  package var changedCollations: [String] = []

  /// The sequence of accounts' numbers, if it is behind.
  package var lateSequence: LateSequence?

  /// By how much its clock is ahead of this machine's; negative when it is behind. As much of the
  /// difference as can be the time of the question itself is left out.
  package var clockLead: Duration = .zero

  /// The standbys, as far as the user may see them.
  package struct Replication: Equatable, Sendable {
    /// The connected standbys.
    package var standbys = 0

    /// Those for which a commit may wait; `nil` if the user may not see it.
    package var synchronous: Int? = 0

    /// Whether a commit waits for a standby.
    package var isRequired = false

    /// What commits of the user wait for, unless a transaction says otherwise.
    package var commitLevel = "on"
  }

  /// The user and its rights.
  package struct Role: Equatable, Sendable {
    package var name: String
    package var isSuperuser = false
    package var ownsAudit = false

    /// Whether it has no right to change anything.
    package var isReader = false
    package var missing: [MissingRight] = []

    /// Other roles with rights on tables of regctl that neither `--grant` gives.
    package var intruders: [String] = []
  }

  /// A right that commands need.
  package struct MissingRight: Equatable, Sendable {
    package let privilege: String

    /// The table, sequence or schema.
    package let object: String
    package let column: String?
  }

  /// A difference between clocks that no network explains.
  private static let clockTolerance = Duration.seconds(5)

  /// What is wrong with the version, or with the server's part in a group.
  package func versionFindings(at now: Instant) -> [ServerFinding] {
    var findings: [ServerFinding] = []
    if isStandby { findings.append(isOneOfSeveral ? .noPrimary : .standby) }
    if let supportEnd {
      if supportEnd <= now {
        findings.append(.unsupported(product: product, since: supportEnd))
      }
    } else {
      findings.append(.untested(product: product))
    }
    return findings
  }

  /// What a failover would lose.
  package var replicationFindings: [ServerFinding] {
    // The standbys of a standby say nothing about the server that takes changes.
    if isStandby { return [] }
    var findings: [ServerFinding] = []
    if replication.isRequired {
      if replication.standbys == 0 || replication.synchronous == 0 {
        findings.append(.noSynchronousStandby)
      }
      if ["off", "local"].contains(replication.commitLevel) {
        findings.append(.unawaitedStandby(level: replication.commitLevel))
      }
    } else if replication.standbys > 0 {
      findings.append(.asynchronous(standbys: replication.standbys))
    }
    return findings
  }

  /// What a crash of the server's machine would damage.
  package var durabilityFindings: [ServerFinding] {
    let isLate = replication.commitLevel == "off" && !replication.isRequired
    return unsafeSettings.map(ServerFinding.unsafeSetting) + (isLate ? [.lateCommits] : [])
  }

  /// What the user may not do but should, or may do but should not.
  package var privilegeFindings: [ServerFinding] {
    var findings: [ServerFinding] = []
    if !role.missing.isEmpty {
      findings.append(
        .missingRights(role.missing, role: role.name, isReader: role.isReader))
    }
    if !role.intruders.isEmpty { findings.append(.intruders(role.intruders)) }
    if role.isSuperuser {
      findings.append(.superuser(role: role.name))
    } else if role.ownsAudit {
      findings.append(.ownerOfAudit(role: role.name))
    }
    return findings
  }

  /// What makes texts compare wrongly.
  package var collationFindings: [ServerFinding] {
    (encoding == "UTF8" ? [] : [.encoding(encoding)])
      + (changedCollations.isEmpty ? [] : [.changedCollations(changedCollations)])
  }

  /// What keeps new accounts from getting numbers.
  package var numberFindings: [ServerFinding] { lateSequence.map { [.lateSequence($0)] } ?? [] }

  /// Whether its clock and this machine's differ.
  package var clockFindings: [ServerFinding] {
    let difference = max(clockLead, .zero - clockLead)
    return difference > Self.clockTolerance ? [.clock(lead: clockLead)] : []
  }
}
