import Base
import RegctlCore
import SQL
import Testing

@testable import regctl

@Suite("ReportStuck") struct ReportStuckTests {
  /// A world in which each unconfirmed account but Ann's is stuck in its own way.
  private func worldWithStuckAccounts() throws -> World {
    let world = try World()
    for name in ["x", "y"] { world.register(name) }
    world.run("confirm --email x@example.org y@example.org --reason called -q")
    world.register("ann", "dora", "eva", "fred", "gus", "hal", queuesMail: true)
    world.run("register bob@exmaple.org --no-password -q")
    for _ in 1...3 { world.run("resend fred@example.org --force -q --wait") }
    world.run("lock hal@example.org --reason spam -q")
    try world.execute(
      """
      UPDATE regctl_outbox SET state = 'failed', last_reply = '550 5.1.1 no such user'
      WHERE email IN ('dora@example.org', 'hal@example.org');
      UPDATE regctl_outbox SET state = 'failed', last_reply = '552 5.2.2 mailbox full'
      WHERE email = 'eva@example.org';
      UPDATE regctl_outbox SET state = 'failed', last_reply = '554 5.7.1 go away'
      WHERE email = 'gus@example.org'
      """)
    return world
  }

  @Test func `a stuck account has its problem and the command to use next`() throws {
    let world = try worldWithStuckAccounts()
    #expect(
      world.printed("report stuck --format tsv") == """
        email\tproblem\tat\tdetail\tcommand
        dora@example.org\trefused\t2026-11-23T09:00:00Z\t550 5.1.1 no such user\t\
        regctl show dora@example.org
        eva@example.org\trefused\t2026-11-23T09:00:00Z\t552 5.2.2 mailbox full\t\
        regctl resend eva@example.org
        fred@example.org\tresent\t2026-11-23T09:00:00Z\t3 mails, no link was used\t\
        regctl confirm --email fred@example.org --reason TEXT
        gus@example.org\trefused\t2026-11-23T09:00:00Z\t554 5.7.1 go away\t\
        regctl retry-mail 5
        bob@exmaple.org\tmistyped\t2026-11-23T09:00:00Z\tbob@example.org\t\
        regctl change-email bob@exmaple.org bob@example.org

        """)
    world.now = world.now + .seconds(86_400)
    #expect(
      world.printed("report stuck --since 1h --json")
        == "{\"schema\":1,\"accounts\":[],\"count\":0}\n")
    #expect(world.printed("report stuck --since 25h --json").hasSuffix("],\"count\":5}\n"))
  }

  @Test func `an expired link that was tried is a problem until another is mailed`() throws {
    let world = try World()
    world.register("ann", "bob", queuesMail: true)
    try world.execute("UPDATE regctl_outbox SET state = 'sent', next_attempt_at = NULL")
    let token = world.printed("issue-token ann@example.org").dropLast()
    world.now = world.now + .seconds(3700)
    #expect(world.printed("report stuck --count") == "0\n")
    #expect(world.run("confirm \(token)") == .refused)
    #expect(
      world.printed("report stuck --format tsv --no-header") == """
        ann@example.org\tlink_expired\t2026-11-23T10:01:40Z\t\
        the link was tried after it had expired\tregctl resend ann@example.org

        """)
    world.run("resend ann@example.org -q")
    #expect(world.printed("report stuck --count") == "0\n")
  }

  @Test func `stuck accounts are selected as in other lists`() throws {
    let world = try worldWithStuckAccounts()
    func listed(_ options: String) -> [String] {
      world.printed("report stuck \(options) --format tsv --no-header --fields email")
        .split(separator: "\n").map(String.init)
    }
    let all = listed("")
    #expect(all.count > 2)
    #expect(listed("--newest") == all.reversed())
    #expect(listed("--sort email") == all.sorted())
    #expect(listed("--limit 1") == [all[0]])
    #expect(listed("--domain exmaple.org") == ["bob@exmaple.org"])
    #expect(listed("--email \(all[1])") == [all[1]])
    #expect(listed("--until never") == [])
    #expect(world.printed("report stuck --count") == "\(all.count)\n")
    #expect(world.printed("report stuck --limit 2 --count") == "2\n")
  }
}
