import Base
import RegctlCore
import SQL
import Testing

@testable import regctl

@Suite("Report") struct ReportTests {
  @Test(arguments: [
    ("report", UsageError.Fault.missingOperand("cohorts|funnel|metrics|stuck|html")),
    (
      "report metric",
      .invalidValue(
        option: "cohorts|funnel|metrics|stuck|html", value: "metric",
        expected: .choice(["cohorts", "funnel", "metrics", "stuck", "html"], suggestion: "metrics"))
    ),
    ("report funnel --by week", .requires("--by", "cohorts or html")),
    ("report metrics --since 1d", .conflict("--since", "metrics")),
    (
      "report html --since 52",
      .invalidValue(
        option: "--since", value: "52", expected: .duration(.missingUnit(suggestion: "52d")))
    ),
    ("report stuck --by month", .requires("--by", "cohorts or html")),
    ("report metrics --until 1d", .conflict("--until", "metrics")),
    ("report cohorts --domain example.org", .requires("--domain", "stuck")),
    ("report funnel --no-header", .requires("--no-header", "stuck")),
    ("report html --count", .requires("--count", "stuck")),
    ("report stuck --count --fields email", .conflict("--count", "--fields")),
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
      regctl_mails\theld\t0
      regctl_mails\tsending\t0
      regctl_mails\tsent\t1
      regctl_mails\tfailed\t0
      regctl_mails\tbounced\t0
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

  @Test(arguments: [
    "<h1>Accounts of app.example</h1>", "<dt>Accounts</dt>",
    "<dd><strong>3</strong><span>of which 1 not confirmed</span></dd>",
    "<p>3 registered accounts: 2 confirmed (66.7%).</p>",
    "<p>2 mails: 1 sent, 1 waiting, 0 deferred, 0 failed, 0 cancelled.</p>",
    "<p>No accounts were pruned.</p>",
    "<td>2</td><td>2</td><td>100.0%</td><td>1</td><td>0</td><td>0</td><td>1h</td></tr>",
    "<p>3 registered accounts: 2 mailed, 1 whose mail was accepted by a server, 2 confirmed.</p>",
  ])
  func `a page has the figures of the other reports`(_ text: String) throws {
    let page = try world().printed("report html")
    #expect(page.replacing("\n<", with: "<").contains(text))
  }

  @Test(arguments: ["json", "tsv", "csv", "jsonl"])
  func `a page is the same in every format`(_ format: String) throws {
    let world = try world()
    let page = world.printed("report html")
    #expect(page.hasPrefix("<!DOCTYPE html>\n<html lang=\"en\">"))
    #expect(page.hasSuffix("</html>\n"))
    #expect(world.printed("report html --format \(format)") == page)
  }

  @Test func `a page is about what happened since a time, and about the present`() throws {
    let page = try world().printed("report html --since 1d --by month")
    #expect(page.contains("<p>1 registered account: 0 confirmed (0.0%).</p>"))
    #expect(page.contains("<p>1 mail: 0 sent, 1 waiting"))
    #expect(page.contains("queued and pruned since 2026-11-29 10:00 UTC.</p>"))
    #expect(page.contains("<strong>3</strong>"))
  }

  @Test func `a page names no account`() throws {
    let world = try world()
    try world.execute(
      """
      UPDATE users SET email = '<b>x</b>@"><script>alert(1)</script>.example' WHERE id = 1;
      UPDATE users SET email = 'evil@<i>&amp;</i>.example' WHERE id = 2
      """)
    let page = world.printed("report html")
    #expect(!page.contains("@example") && !page.contains("script>") && !page.contains("<i>"))
    #expect(page.contains("<th scope=\"row\">3 other domains</th>"))
  }

  @Test func `a page without accounts has sentences in place of plots`() throws {
    let page = try World().printed("report html")
    for sentence in [
      "No accounts were registered.", "No mails were queued.", "No accounts were pruned.",
    ] {
      #expect(page.contains("<p>\(sentence)</p>"))
    }
    #expect(!page.contains("<svg"))
  }

  @Test func `without accounts there is no chart`() throws {
    let world = try World()
    #expect(world.printed("report cohorts") == "")
    #expect(
      world.printed("report funnel --json") == "{\"schema\":1,\"domains\":[],\"count\":0}\n")
  }

  @Test func `reports end at the time that is given`() throws {
    let world = try world()
    let options = "--until 2026-11-23 --format tsv"
    #expect(world.printed("report cohorts \(options)").contains("\n2026-W48\t2\t2"))
    #expect(world.printed("report cohorts --until never --json").contains(#""cohorts":[]"#))
    #expect(
      world.printed("report funnel \(options)")
        == "domain\tregistered\tmailed\taccepted\tconfirmed\nexample.org\t2\t1\t1\t2\n")
    #expect(world.printed("report funnel --until never --json").contains(#""count":0"#))
    let page = world.printed("report html --since 2026-11-01 --until 2026-11-23")
    #expect(page.contains("since 2026-11-01 00:00 UTC before 2026-11-24 00:00 UTC"))
  }
}
