import RegctlCore
import SQL
import Testing

@testable import regctl

@Suite("Complete") struct CompleteTests {
  @Test(arguments: [
    ("__complete", UsageError.Fault.missingOperand("KIND")),
    ("__complete emails a b", .unexpectedOperand("b")),
    ("__complete emails --limit 1", .unknownOption("--limit", suggestion: nil)),
  ])
  func `an invalid command line is rejected`(_ line: String, expected: UsageError.Fault) throws {
    #expect(try fault(of: line) == expected)
  }

  /// A world in which Ann is an administrator, Bob's mail is queued, Eve's failed, Kim was pruned.
  private func world() throws -> World {
    let world = try World()
    world.register("kim")
    try world.execute(
      Statement(
        sqlite: """
          INSERT INTO regctl_prunes (run, at, actor, uid, cutoff, pruned, restored)
          VALUES (1, 0, 'cron', 0, 0, 1, 0), (2, 0, 'cron', 0, 0, 1, 1);
          INSERT INTO regctl_archive
            (run, account_id, email, password, registered_on, admin, confirmed)
          SELECT 1, id, email, password, registered_on, admin, confirmed FROM users;
          DELETE FROM users
          """,
        postgreSQL: """
          INSERT INTO regctl_prunes (run, at, actor, uid, cutoff, pruned, restored)
          VALUES (1, 0, 'cron', 0, 0, 1, 0), (2, 0, 'cron', 0, 0, 1, 1);
          INSERT INTO regctl_archive (run, account_id, email, account)
          SELECT 1, id, email, to_jsonb(users) FROM users;
          DELETE FROM users;
          ALTER SEQUENCE users_id_seq RESTART
          """))
    world.register("ann", "bob", "eve", queuesMail: true)
    world.run("create-admin ann@example.org --promote -q")
    try world.execute(
      """
      UPDATE regctl_outbox SET state = 'sent' WHERE email LIKE 'ann%';
      UPDATE regctl_outbox SET state = 'failed' WHERE email LIKE 'eve%'
      """)
    return world
  }

  @Test(arguments: [
    (
      "emails",
      """
      ann@example.org\tconfirmed administrator
      bob@example.org\tunconfirmed
      eve@example.org\tunconfirmed

      """
    ),
    ("emails B", "bob@example.org\tunconfirmed\n"),
    ("unconfirmed e", "eve@example.org\tunconfirmed\n"),
    ("admins", "ann@example.org\tconfirmed administrator\n"),
    (
      "mails",
      "3\teve@example.org failed\n2\tbob@example.org queued\n1\tann@example.org sent\n"
    ),
    ("waiting-mails", "2\tbob@example.org queued\n"),
    ("failed-mails", "3\teve@example.org failed\n"), ("failed-mails 2", ""),
    ("runs", "1\t1 account\n"), ("pruned k", "kim@example.org\trun 1\n"),
    ("fields.list-admins confirmed", "confirmed\t\nconfirmed_on\t\n"), ("fields.check", ""),
    ("fields.no-such-command", ""), ("no-such-kind", ""),
  ])
  func `candidates are listed, with what they are`(_ words: String, text: String) throws {
    #expect(try world().printed("__complete \(words)") == text)
  }

  @Test(
    arguments: [
      "UPDATE users SET email = 'two words@example.org' WHERE id = 1",
      Statement(
        sqlite: "UPDATE users SET email = 'a' || char(27) || '@example.org' WHERE id = 1",
        postgreSQL: "UPDATE users SET email = 'a' || chr(27) || '@example.org' WHERE id = 1"),
      "UPDATE users SET email = 'a\u{a0}b@example.org' WHERE id = 1",
      "UPDATE users SET email = 'ä\u{200b}@example.org' WHERE id = 1",
    ] as [Statement])
  func `an address that a shell could misread is left out`(_ change: Statement) throws {
    let world = try World()
    world.register("ann", "bob")
    try world.execute(change)
    #expect(world.printed("__complete emails") == "bob@example.org\tunconfirmed\n")
  }

  @Test func `letters beyond ASCII are listed`() throws {
    let world = try World()
    world.register("ann")
    try world.execute("UPDATE users SET email = 'änn@bücher.example' WHERE id = 1")
    #expect(world.printed("__complete emails ä") == "änn@bücher.example\tunconfirmed\n")
  }

  @Test func `an error prints nothing`() throws {
    let world = try World(hasDatabase: false)
    #expect(world.printed("__complete emails") == "")
    #expect(world.errorOutput.text == "")
  }
}
