import Base
import RegctlCore
import SQL
import Testing

@testable import regctl

@Suite("ListOrder") struct ListOrderTests {
  @Test(
    arguments: [
      ("list-outbox --newest --sort email", UsageError.Fault.conflict("--newest", "--sort email")),
      ("audit --sort email --newest", .conflict("--newest", "--sort email")),
      ("audit --verify --sort email", .conflict("--sort", "--verify")),
      ("list-prunes --sort email", .requires("--sort", "RUN")),
      ("report funnel --sort email", .requires("--sort", "stuck")),
    ])
  func `an order that does not fit is refused`(_ line: String, _ fault: UsageError.Fault) throws {
    #expect(try regctlTests.fault(of: line) == fault)
  }

  /// A world with three accounts whose addresses and mails have different orders.
  private func world() throws -> World {
    let world = try World()
    world.register("zoe", "ann", "bob", queuesMail: true)
    return world
  }

  private func emails(_ line: String, in world: World) -> [Substring] {
    world.printed("\(line) --format tsv --no-header --fields email")
      .split(separator: "\n").map { $0.prefix { $0 != "@" } }
  }

  @Test func `mails, entries and reports are sorted by address`() throws {
    let world = try world()
    #expect(emails("list-outbox", in: world) == ["zoe", "ann", "bob"])
    #expect(emails("list-outbox --sort id", in: world) == ["zoe", "ann", "bob"])
    #expect(emails("list-outbox --sort email", in: world) == ["ann", "bob", "zoe"])
    #expect(emails("list-outbox --sort email --limit 2", in: world) == ["ann", "bob"])
    #expect(emails("audit --act register --sort at", in: world) == ["zoe", "ann", "bob"])
    #expect(emails("audit --act register --sort email", in: world) == ["ann", "bob", "zoe"])
    #expect(
      emails("audit --email zoe@example.org --email ann@example.org --sort email", in: world)
        == ["ann", "zoe"])
    try world.execute(
      """
      INSERT INTO regctl_bounces (mail_id, account_id, email, at, result)
      SELECT id, account_id, email, queued_at, 'bounced' FROM regctl_outbox
      """)
    #expect(emails("list-bounces", in: world) == ["zoe", "ann", "bob"])
    #expect(emails("list-bounces --sort email", in: world) == ["ann", "bob", "zoe"])
  }

  @Test func `the accounts of a prune run are sorted by address`() throws {
    let world = try World()
    world.register("zoe", "ann", "bob")
    world.now = world.now + .seconds(40 * 86_400)
    #expect(world.run("prune --include-never-mailed --max 9 --yes -q") == .ok)
    #expect(emails("list-prunes 1", in: world) == ["zoe", "ann", "bob"])
    #expect(emails("list-prunes 1 --sort email", in: world) == ["ann", "bob", "zoe"])
    #expect(emails("list-accounts --state pruned", in: world) == ["zoe", "ann", "bob"])
  }
}
