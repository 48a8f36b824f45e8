internal import RegctlCore

/// The checks of a database server; a file has none of them.
extension Doctor {
  static func serverChecks(in context: Context) -> [Check] {
    let server = ServerReading(context)
    func check(
      _ name: String, isFoundation: Bool = false, good: @escaping (ServerState) -> String,
      _ findings: @escaping (ServerState) -> [ServerFinding]
    ) -> Check {
      Check(name: name, isFoundation: isFoundation) { () throws(CommandError) in
        guard let state = try server.state() else { return .nothing }
        return CheckResult(findings(state), else: good(state))
      }
    }
    return [
      check(
        "server", isFoundation: true,
        good: { "\(TerminalText.escape($0.name)) is on \(TerminalText.escape($0.product))" },
        { $0.versionFindings(at: context.now) }),
      check("replication", good: { words(for: $0.replication) }, \.replicationFindings),
      check(
        "durability", good: { _ in "what is committed survives a crash" }, \.durabilityFindings),
      Check(name: "pooler") { () throws(CommandError) in try pooler(in: context) },
      check(
        "privileges",
        good: { state in
          "\(TerminalText.quote(state.role.name)) has the rights of a "
            + (state.role.isReader ? "reader" : "writer")
        }, \.privilegeFindings),
      check(
        "collation", good: { "\($0.encoding), in the order of its rules" }, \.collationFindings),
      check(
        "numbers", good: { _ in "a new account gets a number that no account has" },
        \.numberFindings),
      check("server clock", good: { _ in "agrees with this machine's" }, \.clockFindings),
    ]
  }

  private static func words(for replication: ServerState.Replication) -> String {
    let standbys = replication.standbys
    if standbys == 0 { return "no standby is connected" }
    return "\(standbys) \(standbys == 1 ? "standby is" : "standbys are") connected, "
      + "and commits wait for one"
  }

  /// Whether delivering has the server itself.
  private static func pooler(in context: Context) throws(CommandError) -> CheckResult {
    let configuration = try context.configuration()
    if let isPooled = try core(
      Store.isPooled(configuration.dbDeliver, for: .writing, in: configuration))
    {
      return CheckResult(
        isPooled ? [.pooledDelivery] : [], else: "db_deliver is the address of the server itself")
    }
    let isPooled = try core(Store.isPooled(configuration.db, for: .reading, in: configuration))
    return isPooled == true ? CheckResult([.pooled], else: "") : .nothing
  }

  /// The state of the server, which is read once for all checks.
  private final class ServerReading {
    private let context: Context
    private var known: ServerState?

    init(_ context: Context) { self.context = context }

    /// `nil` for a file.
    func state() throws(CommandError) -> ServerState? {
      if let known { return known }
      let configuration = try context.configuration()
      known = try core(Store.serverState(configuration, clock: context.clock))
      return known
    }
  }
}

extension Doctor.CheckResult {
  /// What was found in a server; recommendations are shown when nothing is wrong.
  fileprivate init(_ findings: [ServerFinding], else good: String) {
    let wrong = findings.filter { !$0.isAdvice }
    if wrong.isEmpty, !findings.isEmpty {
      self = .advisable(findings.map(Finding.server))
    } else {
      self.init(wrong.map(Finding.server), else: good)
    }
  }
}
