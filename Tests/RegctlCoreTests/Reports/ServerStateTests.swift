import Testing

@testable import RegctlCore

@Suite("ServerState") struct ServerStateTests {
  private var state = ServerState(
    product: "PostgreSQL 15.4", supportEnd: Site.start + .seconds(1), name: "app on db.example",
    role: ServerState.Role(name: "regctl"))

  @Test func `a server without peculiarities has no findings`() {
    #expect(state.versionFindings(at: Site.start) == [])
    #expect(state.replicationFindings == [])
    #expect(state.durabilityFindings == [])
    #expect(state.privilegeFindings == [])
    #expect(state.collationFindings == [])
    #expect(state.clockFindings == [])
  }

  // MARK: Version

  @Test func `support ends with the last day of a version`() throws {
    var state = state
    let end = try #require(Store.endOfSupport(ofMajorVersion: 15))
    state.supportEnd = end
    #expect(state.versionFindings(at: end - .microseconds(1)) == [])
    #expect(
      state.versionFindings(at: end) == [.unsupported(product: "PostgreSQL 15.4", since: end)])
  }

  @Test(arguments: [(13, "2025-11-14"), (14, "2026-11-13"), (18, "2030-11-15")])
  func `a version has an end of its support`(_ version: Int, day: String) {
    #expect(
      Store.endOfSupport(ofMajorVersion: version)?.databaseText == "\(day) 00:00:00.000000")
  }

  @Test func `a version that is not known yet is named`() {
    var state = state
    state.supportEnd = Store.endOfSupport(ofMajorVersion: 19)
    #expect(state.versionFindings(at: Site.start) == [.untested(product: "PostgreSQL 15.4")])
  }

  @Test func `a standby is one, and its own standbys say nothing`() {
    var state = state
    state.isStandby = true
    state.replication.standbys = 1
    #expect(state.versionFindings(at: Site.start) == [.standby])
    #expect(state.replicationFindings == [])
    state.isOneOfSeveral = true
    #expect(state.versionFindings(at: Site.start) == [.noPrimary])
  }

  // MARK: Replication

  @Test(
    arguments: [
      (0, 0, false, "on", []), (2, 0, false, "on", [.asynchronous(standbys: 2)]),
      (2, nil, false, "on", [.asynchronous(standbys: 2)]), (2, 1, true, "on", []),
      (2, nil, true, "remote_write", []), (2, 0, true, "on", [.noSynchronousStandby]),
      (0, 0, true, "on", [.noSynchronousStandby]),
      (1, 1, true, "local", [.unawaitedStandby(level: "local")]),
    ] as [(Int, Int?, Bool, String, [ServerFinding])])
  func `a failover loses what no standby has acknowledged`(
    _ standbys: Int, synchronous: Int?, isRequired: Bool, level: String, expected: [ServerFinding]
  ) {
    var state = state
    state.replication = ServerState.Replication(
      standbys: standbys, synchronous: synchronous, isRequired: isRequired, commitLevel: level)
    #expect(state.replicationFindings == expected)
  }

  @Test func `what a crash damages is named`() {
    var state = state
    state.unsafeSettings = ["fsync", "full_page_writes"]
    state.replication.commitLevel = "off"
    #expect(
      state.durabilityFindings
        == [.unsafeSetting("fsync"), .unsafeSetting("full_page_writes"), .lateCommits])
  }

  // MARK: Rights, texts and clock

  @Test func `a superuser is not named as an owner too`() {
    var state = state
    state.role.ownsAudit = true
    #expect(state.privilegeFindings == [.ownerOfAudit(role: "regctl")])
    state.role.isSuperuser = true
    #expect(state.privilegeFindings == [.superuser(role: "regctl")])
  }

  @Test func `rights that are missing, or too many, are named`() {
    var state = state
    let right = ServerState.MissingRight(privilege: "INSERT", object: "users", column: nil)
    state.role.missing = [right]
    state.role.intruders = ["web"]
    #expect(
      state.privilegeFindings
        == [.missingRights([right], role: "regctl", isReader: false), .intruders(["web"])])
  }

  @Test func `texts need an encoding and unchanged rules`() {
    var state = state
    state.encoding = "LATIN1"
    state.changedCollations = ["default"]
    #expect(state.collationFindings == [.encoding("LATIN1"), .changedCollations(["default"])])
  }

  @Test func `a sequence must be past the numbers`() {
    var state = state
    #expect(state.numberFindings == [])
    let sequence = LateSequence(name: "users_id_seq", greatest: 9)
    state.lateSequence = sequence
    #expect(state.numberFindings == [.lateSequence(sequence)])
  }

  @Test(arguments: [(5_000, false), (-5_000, false), (5_001, true), (-5_001, true)])
  func `clocks may differ by five seconds`(_ milliseconds: Int, isFound: Bool) {
    var state = state
    state.clockLead = .milliseconds(milliseconds)
    #expect(state.clockFindings == (isFound ? [.clock(lead: state.clockLead)] : []))
  }

  @Test func `what costs no data is advice`() {
    #expect(ServerFinding.standby.isAdvice && ServerFinding.superuser(role: "x").isAdvice)
    #expect(!ServerFinding.asynchronous(standbys: 1).isAdvice && !ServerFinding.pooled.isAdvice)
  }
}
