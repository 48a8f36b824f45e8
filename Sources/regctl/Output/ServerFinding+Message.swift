internal import RegctlCore

extension ServerFinding {
  /// The description of the finding.
  var message: String {
    switch self {
    case .unsupported(let product, let since):
      "\(TerminalText.escape(product)) gets no corrections since \(since.displayText)"
    case .untested(let product):
      "\(TerminalText.escape(product)) is newer than regctl \(Regctl.version)"
    case .standby: "the server is a standby: it takes no changes"
    case .noPrimary: "none of the hosts takes changes: one is a standby"
    case .asynchronous(let standbys):
      "\(standbys) \(standbys == 1 ? "standby is" : "standbys are") connected, and commits wait for"
        + " none: a failover loses the newest accounts and mails, although they were acknowledged"
    case .noSynchronousStandby:
      "commits wait for a standby, and none for which they wait is connected"
    case .unawaitedStandby(let level):
      "synchronous_commit is \(TerminalText.escape(level)): commits of regctl wait for the standby,"
        + " those of others do not"
    case .lateCommits:
      "synchronous_commit is off: commits of regctl survive a crash, the newest of others do not"
    case .unsafeSetting(let name):
      "\(TerminalText.escape(name)) is off: a crash of the machine can damage the database"
    case .pooled: "a pooler stands before the server: deliver and register --wait are refused"
    case .pooledDelivery: "db_deliver is the address of a pooler: deliver is refused"
    case .missingRights(let rights, let role, _):
      "\(TerminalText.quote(role)) has no \(Self.list(rights.map(Self.words)))"
    case .intruders(let roles):
      "\(Self.list(roles.map(TerminalText.quote))) "
        + (roles.count == 1 ? "has rights" : "have rights")
        + " on tables of regctl that the application does not need"
    case .superuser(let role):
      "\(TerminalText.quote(role)) is a superuser, who can rewrite the audit"
    case .ownerOfAudit(let role):
      "\(TerminalText.quote(role)) owns the tables of regctl, and can rewrite the audit"
    case .encoding(let name):
      "the encoding of the database is \(TerminalText.escape(name)): some addresses do not fit"
    case .changedCollations(let names):
      "the rules of \(names.count == 1 ? "the collation" : "the collations") "
        + "\(Self.list(names.map(TerminalText.quote))) have changed since indexes were built"
    case .lateSequence(let sequence):
      "the sequence \(TerminalText.escape(sequence.name)) is behind the numbers of accounts, the"
        + " greatest of which is \(sequence.greatest): new accounts are refused"
    case .clock(let lead):
      "the clock of the server is \(TextRenderer.words(max(lead, .zero - lead)))"
        + " \(lead > .zero ? "ahead of" : "behind") this machine's"
    }
  }

  /// The hint for correcting it.
  var advice: Hint {
    switch self {
    case .unsupported: "plan an upgrade of the server"
    case .untested: "see whether there is a newer regctl"
    case .standby: "commands that write need the primary server in db"
    case .noPrimary: "start the primary server, or promote a standby"
    case .asynchronous: "set synchronous_standby_names on the server, if no write may be lost"
    case .noSynchronousStandby:
      "start the standby, or correct synchronous_standby_names on the server"
    case .unawaitedStandby, .lateCommits:
      "set synchronous_commit = on for the application too, if no write may be lost"
    case .unsafeSetting(let name): "set \(quoting: name) = on on the server"
    case .pooled: "set db_deliver to the address of the server behind the pooler"
    case .pooledDelivery: "set db_deliver to the address of the server behind it"
    case .missingRights(_, let role, isReader: true):
      """
      as the owner of the database: \
      \(ShellCommand("regctl migrate-db", options: ["--grant-read": role]))
      """
    case .missingRights(_, let role, isReader: false):
      """
      as the owner of the database: \
      \(ShellCommand("regctl migrate-db", options: ["--grant": role]))
      """
    case .intruders: "take them away with REVOKE: the application needs none in the schema regctl"
    case .superuser, .ownerOfAudit:
      "create a role that owns nothing, and as the owner: regctl migrate-db --grant ROLE"
    case .encoding: "dump the database, and restore it into one with the encoding UTF8"
    case .changedCollations(["default"]):
      "on the server: REINDEX DATABASE, then ALTER DATABASE ... REFRESH COLLATION VERSION"
    case .changedCollations:
      "on the server: REINDEX DATABASE, then ALTER COLLATION ... REFRESH VERSION"
    case .lateSequence(let sequence):
      """
      as the owner of the database: \
      \(ShellCommand("psql", options: [
        "-c": "ALTER SEQUENCE \(sequence.name) RESTART \(sequence.greatest + 1)"
      ]))
      """
    case .clock: "set both clocks: ages and links are compared with times of both"
    }
  }

  private static func words(for right: ServerState.MissingRight) -> String {
    "\(right.privilege) on \(TerminalText.escape(right.object))"
      + (right.column.map { " (\(TerminalText.escape($0)))" } ?? "")
  }

  private static func list(_ words: [String]) -> String {
    words.prefix(3).joined(separator: ", ") + (words.count > 3 ? ", ..." : "")
  }
}
