import Foundation
import RegctlCore
import SQL
import SQLite
import TestSupport
import Testing

@testable import regctl

@Suite("Show") struct ShowTests {
  @Test(arguments: [
    ("show", UsageError.Fault.missingOperand("EMAIL|ID")), ("show 1 2", .unexpectedOperand("2")),
    ("show 1 --fields at", .unknownOption("--fields", suggestion: nil)),
  ])
  func `an invalid command line is rejected`(_ line: String, expected: UsageError.Fault) throws {
    #expect(try fault(of: line) == expected)
  }

  /// A world with a queued mail to Ann.
  private func world() throws -> World {
    let world = try World()
    world.register("ann", queuesMail: true)
    return world
  }

  @Test func `the text format shows the history and the next step`() throws {
    let world = try world()
    world.run("cancel-mail 1 -q")
    #expect(
      world.printed("show ann@example.org") == """
        ann@example.org: account 1, not confirmed
          2026-11-23 09:00 UTC  register          tester  -
          2026-11-23 09:00 UTC  mail 1 queued     -       ann@example.org
          2026-11-23 09:00 UTC  mail 1 cancelled  -       cancelled by tester
          2026-11-23 09:00 UTC  cancel-mail       tester  mail 1
        prune: after 2026-12-07 09:00 UTC
        advice: send a new link, not before 2026-11-23 09:02 UTC: regctl resend ann@example.org

        """)
  }

  @Test func `the language of an account is shown`() throws {
    let world = try World()
    world.run("register ann@example.org --no-password --lang de -q")
    #expect(world.printed("show 1").contains("\nlanguage: de\n"))
    #expect(world.printed("show 1 --json").contains(",\"language\":\"de\",\"lock\":null,"))
  }

  @Test(arguments: [
    ("anna@example.org", "did you mean ann@example.org? regctl show ann@example.org"),
    (
      "boby@example.org",
      "did you mean bob@example.org (now rob@example.net)? regctl show rob@example.net"
    ),
    ("evy@example.org", "did you mean eve@example.org (deleted)? regctl show eve@example.org"),
    (
      "udoo@example.org",
      "did you mean udo@example.org (pruned in run 1)? regctl unprune 1 --email udo@example.org"
    ),
    ("ann@exmaple.orh", "did you mean ann@example.org? regctl show ann@example.org"),
  ])
  func `an unknown address is answered with similar ones`(_ email: String, hint: String) throws {
    let world = try world()
    world.register("bob", "eve", "udo", "zoe")
    world.run("change-email bob@example.org rob@example.net --reason moved -q")
    world.run("confirm --email rob@example.net zoe@example.org --reason called -q")
    world.run("delete eve@example.org --reason gone --yes -q")
    world.run("confirm --email ann@example.org --reason called -q")
    world.now = world.now + .seconds(3_000_000)
    #expect(world.run("prune --yes --include-never-mailed -q") == .ok)
    #expect(world.run("show \(email)") == .noUser)
    #expect(
      world.errorOutput.text.hasSuffix(
        "regctl: error: show: no such account: '\(email)'\nhint: \(hint)\n"))
  }

  @Test func `a confirmed administrator needs no advice`() throws {
    let world = try world()
    world.run("create-admin ann@example.org --promote -q")
    let printed = world.printed("show ann@example.org")
    #expect(
      printed.hasPrefix("ann@example.org: administrator 1, confirmed on 2026-11-23 09:00 UTC\n"))
    #expect(!printed.contains("advice"))
    #expect(!printed.contains("prune"))
    #expect(world.printed("show 1 --json").contains(#","prune":null,"advice":null}"#))
  }

  @Test func `an old account is pruned by the next run, kept for a reason, or never`() throws {
    let world = try world()
    world.now = world.now + .seconds(1_209_601)
    #expect(world.printed("show 1").contains("\nprune: kept, mail_pending: a mail is queued\n"))
    #expect(
      world.printed("show 1 --json")
        .contains(#""prune":{"after":null,"reason":"mail_pending"}"#))
    try world.execute("UPDATE regctl_outbox SET state = 'failed'")
    #expect(world.printed("show 1").contains("\nprune: by the next run\n"))
    #expect(world.printed("show 1 --json").contains(#""prune":{"after":null,"reason":null}"#))
    world.environment["REGCTL_PRUNE_AFTER"] = "never"
    #expect(!world.printed("show 1").contains("prune"))
  }

  @Test func `for an overdue mail the advice is to deliver`() throws {
    let world = try world()
    world.now = world.now + .seconds(7200)
    #expect(
      world.printed("show 1").hasSuffix("advice: a mail has waited for 2 hours: regctl deliver\n"))
  }

  @Test(arguments: ["ann@example.org", "ANN@example.org", "1"])
  func `an account is named by its address or its number`(_ word: String) throws {
    let world = try world()
    #expect(
      world.printed("show \(word) --json") == """
        {"schema":1,"account":{"id":1,"email":"ann@example.org","admin":false,"confirmed":false,\
        "locked":false,"registered_on":"2026-11-23T09:00:00Z","confirmed_on":null},"timeline":[\
        {"at":"2026-11-23T09:00:00Z","event":"register","by":"tester","mail":null,\
        "attempt":null,"status":null,"next_attempt_at":null,"run":null,"detail":null},\
        {"at":"2026-11-23T09:00:00Z","event":"mail_queued","by":null,"mail":1,\
        "attempt":null,"status":null,"next_attempt_at":null,"run":null,"detail":"ann@example.org"}],\
        "language":null,"lock":null,"prune":{"after":"2026-12-07T09:00:00Z","reason":null},\
        "advice":"a mail has waited for 0 seconds: regctl deliver"}

        """)
  }

  @Test func `TSV has a row for each event`() throws {
    let world = try world()
    world.run("confirm --email ann@example.org --reason called -q")
    #expect(
      world.printed("show ann@example.org --format tsv") == """
        at\tevent\tby\tmail\tattempt\tstatus\tnext_attempt_at\trun\tdetail
        2026-11-23T09:00:00Z\tregister\ttester\t\t\t\t\t\t
        2026-11-23T09:00:00Z\tmail_queued\t\t1\t\t\t\t\tann@example.org
        2026-11-23T09:00:00Z\tconfirm-by-operator\ttester\t\t\t\t\t\tcalled

        """)
  }

  @Test func `each attempt is shown with the words of the server and the next try`() throws {
    let world = try world()
    try world.execute(
      """
      INSERT INTO regctl_attempts VALUES (1, 1, 1795424460, 'deferred', '452 4.2.2 Over quota'),
        (1, 2, 1795424520, 'interrupted', NULL), (1, 3, 1795424580, 'deferred', '451 later');
      UPDATE regctl_outbox SET next_attempt_at = 1795425000, last_reply = '451 later'
      """)
    #expect(
      world.printed("show 1") == """
        ann@example.org: account 1, not confirmed
          2026-11-23 09:00 UTC  register            tester  -
          2026-11-23 09:00 UTC  mail 1 queued       -       ann@example.org
          2026-11-23 09:01 UTC  mail 1 deferred     -       attempt 1: 452 4.2.2 Over quota
          2026-11-23 09:02 UTC  mail 1 interrupted  -       attempt 2: regctl died, the mail may have been accepted
          2026-11-23 09:03 UTC  mail 1 deferred     -       attempt 3, next try 2026-11-23 09:10 UTC: 451 later
        prune: after 2026-12-07 09:00 UTC
        advice: the server deferred the mail ('451 later'): the next try is at 2026-11-23 09:10 UTC

        """)
  }

  @Test(arguments: [
    ("452 4.2.2 Over quota", "mailbox takes no mail ('452 4.2.2 Over quota'): reach its owner"),
    ("550 5.1.1 No", "the mail was refused ('550 5.1.1 No'): check the address with its owner\n"),
    ("550 no", "the mail was refused ('550 no'): check the address with its owner\n"),
    (
      "554 5.7.1 Denied",
      "which is no fault of the address: check with regctl doctor, then regctl retry-mail 1\n"
    ),
  ])
  func `the advice follows the status in the last reply`(_ reply: String, words: String) throws {
    let world = try world()
    try world.connect(.readWrite).run(
      "UPDATE regctl_outbox SET state = 'failed', finished_at = 1795424400, last_reply = $1",
      .text(reply))
    #expect(world.printed("show 1").contains(words))
  }

  @Test func `every code of an event is in the manual`() throws {
    let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../..")
    let page = try String(contentsOf: root.appending(path: "man/regctl-json.5"), encoding: .utf8)
    let start = try #require(page.range(of: "It Va event Pq string"))
    let end = try #require(page.range(of: ".It Va by", range: start.upperBound..<page.endIndex))
    let listed = page[start.upperBound..<end.lowerBound].split(separator: "\n")
      .filter { $0.hasPrefix(".Cm ") }.joined(separator: " ").split(separator: " ").map(String.init)
    let codes = HistoryEvent.Kind.all.map(\.code)
    #expect(Set(codes).symmetricDifference(listed) == [".Cm", ",", ";", "."])
  }

  @Test(arguments: ["eve@example.org", "2", "99999999999999999999"])
  func `an unknown account is rejected`(_ word: String) throws {
    #expect(
      try world().refusal(of: "show \(word)", endingWith: .noUser)
        == "regctl: error: show: no such account: '\(word)'\n")
  }
}
