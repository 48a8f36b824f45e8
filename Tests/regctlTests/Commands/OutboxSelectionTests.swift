import RegctlCore
import SQL
import Testing

@testable import regctl

@Suite("OutboxSelection") struct OutboxSelectionTests {
  @Test(arguments: ["x", "5.", "6", "5.7.1.2", "55.7", "5555", ""])
  func `a reply is given by its code or the beginning of it`(_ code: String) throws {
    guard
      case .invalidValue("--reply", code, .format) = try fault(of: "list-outbox --reply=\(code)")
    else {
      Issue.record("\(code) is not refused")
      return
    }
  }

  /// A world with mails to Ann, Bob and Eve an hour apart, which were refused.
  private func world() throws -> World {
    let world = try World()
    for name in ["ann", "bob", "eve"] {
      world.register(name, queuesMail: true)
      world.now = world.now + .seconds(3600)
    }
    try world.execute(
      """
      UPDATE regctl_outbox SET state = 'failed', next_attempt_at = NULL, last_reply = CASE id
        WHEN 1 THEN '550 5.7.1 blocked' WHEN 2 THEN '550 5.71.1 other' ELSE '552 5.2.2 full' END
      """)
    world.run("register kim@example.net --no-password -q")
    return world
  }

  @Test(arguments: [
    ("", "1\n2\n3\n4\n"), ("--reply 5.7", "1\n"), ("--reply 5.7.1", "1\n"), ("--reply 5.71", "2\n"),
    ("--reply 5", "1\n2\n3\n"), ("--reply 55", "1\n2\n3\n"), ("--reply 552", "3\n"),
    ("--reply 5.2.2", "3\n"), ("--reply 4", ""), ("--state failed --newest", "3\n2\n1\n"),
    ("--state failed,queued --limit 2 --newest", "4\n3\n"), ("--domain EXAMPLE.net", "4\n"),
    ("--since 2h", "2\n3\n4\n"), ("--until 2h", "1\n"), ("--since 2h --until now", "2\n3\n"),
    ("--email bob@example.org --email 1", "1\n2\n"), ("--until never", ""),
  ])
  func `mails are selected`(_ options: String, numbers: String) throws {
    let world = try world()
    #expect(
      world.printed("list-outbox --format tsv --no-header --fields id \(options)") == numbers)
    #expect(
      world.printed("list-outbox --count \(options)")
        == "\(numbers.split(separator: "\n").count)\n")
  }
}
