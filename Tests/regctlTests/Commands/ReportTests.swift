import RegctlCore
import Testing

@testable import regctl

@Suite("Report") struct ReportTests {
  @Test(arguments: [
    ("report", UsageError.Fault.missingOperand("cohorts|funnel|metrics")),
    (
      "report metric",
      .invalidValue(
        option: "cohorts|funnel|metrics", value: "metric",
        expected: .choice(["cohorts", "funnel", "metrics"], suggestion: "metrics"))
    ),
    ("report funnel --by week", .requires("--by", "cohorts")),
    ("report metrics --since 1d", .conflict("--since", "metrics")),
    (
      "report cohorts --by day",
      .invalidValue(
        option: "--by", value: "day", expected: .choice(["week", "month"], suggestion: nil))
    ),
  ])
  func `an invalid command line is rejected`(_ line: String, expected: UsageError.Fault) throws {
    #expect(try fault(of: line) == expected)
  }

  /// A world in which Ann confirmed by her link after an hour, Bob by hand, and Eve, of another
  /// domain and registered a week later, not yet.
  private func world() throws -> World {
    let world = try World()
    world.register("ann", queuesMail: true)
    world.register("bob")
    world.run("deliver -q")
    let token = world.printed("issue-token ann@example.org").dropLast()
    world.now = world.now + .seconds(3600)
    world.run("confirm \(token) -q")
    world.run("confirm --email bob@example.org --reason called -q")
    world.now = world.now + .seconds(7 * 86_400)
    world.run("register eve@example.net --no-password -q")
    return world
  }

  @Test(arguments: [
    (
      "cohorts",
      """
      COHORT    ACCOUNTS  CONFIRMED             SHARE  BY HAND  PRUNED  OPEN  MEDIAN
      2026-W48         2          2  ########  100.0%        1       0     0      1h
      2026-W49         1          0  ........    0.0%        0       0     1       -

      """
    ),
    (
      "cohorts --by month --format tsv",
      """
      cohort\tregistered\tconfirmed\tby_token\tby_operator\tpruned\topen\tmedian_seconds
      2026-11\t3\t2\t1\t1\t0\t1\t3600

      """
    ),
    (
      "cohorts --since 1d --json",
      """
      {"schema":1,"cohorts":[{"cohort":"2026-W49","registered":1,"confirmed":0,"by_token":0,\
      "by_operator":0,"pruned":0,"open":1,"median_seconds":null}],"count":1}

      """
    ),
    (
      "funnel",
      """
      DOMAIN       REGISTERED  MAILED  ACCEPTED  CONFIRMED             SHARE
      example.org           2       1         1          2  ########  100.0%
      example.net           1       1         0          0  ........    0.0%

      """
    ),
    (
      "funnel --since 1d --json",
      """
      {"schema":1,"domains":[{"domain":"example.net","registered":1,"mailed":1,"accepted":0,\
      "confirmed":0}],"count":1}

      """
    ),
    (
      "metrics --format tsv",
      """
      name\tstate\tvalue
      regctl_accounts\tconfirmed\t2
      regctl_accounts\tunconfirmed\t1
      regctl_mails\tqueued\t1
      regctl_mails\tsending\t0
      regctl_mails\tsent\t1
      regctl_mails\tfailed\t0
      regctl_mails\tcancelled\t0
      regctl_mails\texpired\t0
      regctl_mail_overdue_seconds\t\t0
      regctl_last_mail_timestamp_seconds\t\t1795424400
      regctl_pruned_accounts_total\t\t0
      regctl_last_prune_timestamp_seconds\t\t0

      """
    ),
  ])
  func `a report is formatted as expected`(_ words: String, text: String) throws {
    let world = try world()
    #expect(world.printed("report \(words)") == text)
  }

  @Test func `metrics are in the Prometheus text format`() throws {
    let text = try world().printed("report metrics")
    #expect(
      text.hasPrefix(
        """
        # HELP regctl_accounts Accounts by state.
        # TYPE regctl_accounts gauge
        regctl_accounts{state="confirmed"} 2
        regctl_accounts{state="unconfirmed"} 1
        # HELP regctl_mails Mails of the outbox by state.

        """))
    #expect(text.contains("\n# TYPE regctl_pruned_accounts_total counter\n"))
  }

  @Test func `without accounts there is no chart`() throws {
    let world = try World()
    #expect(world.printed("report cohorts") == "")
    #expect(
      world.printed("report funnel --json") == "{\"schema\":1,\"domains\":[],\"count\":0}\n")
  }
}
