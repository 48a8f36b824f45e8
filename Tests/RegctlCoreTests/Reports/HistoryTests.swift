import SQL
import Testing

@testable import RegctlCore

@Suite("History") struct HistoryTests {
  private func history(_ email: String = "ann@example.org", in site: Site) throws -> History {
    try site.history(of: email)
  }

  @Test func `causes come before effects within a second`() throws {
    let site = try Site()
    try site.register("ann@example.org")
    try site.store.finish(MailID(rawValue: 1), as: .sent, reply: "250 ok", at: site.now)
    _ = try Confirm.byToken(
      site.token("ann@example.org"), authority: site.authority(), in: site.store, at: site.now,
      by: Site.actor)
    #expect(
      try history(in: site).events.map(\.kind) == [
        .act(.register), .mailQueued, .mailSent,
        .act(.issueToken), .act(.confirmByToken),
      ])
  }

  @Test func `events have actor and reason`() throws {
    let site = try Site()
    try site.register("ann@example.org")
    site.now = site.now + .seconds(60)
    try site.confirmByHand("ann@example.org")
    let event = try #require(try history(in: site).events.last)
    #expect(event.at == .moment(site.now))
    #expect(event.kind == .act(.confirmByOperator))
    #expect(event.actor == "tester")
    #expect(event.detail == "called")
  }

  @Test func `events of the application are included`() throws {
    let site = try Site(
      adopting: """
        INSERT INTO users VALUES
          (1, 'ann@example.org', '!', '2026-01-01 09:00:00', FALSE, TRUE, '2026-01-01 10:00:00')
        """)
    #expect(try history(in: site).events.map(\.kind) == [.registered, .confirmed])
  }

  @Test func `a confirmation by the application after an undone one is included`() throws {
    let site = try Site()
    try site.createAdministrator("ann@example.org")
    try site.store.execute("UPDATE users SET confirmed_on = '2027-01-01 10:00:00'")
    #expect(
      try history(in: site).events.map(\.kind) == [.act(.createAdministrator), .confirmed])
  }

  @Test func `a voided change of address is included, with the cause`() throws {
    let site = try Site()
    try site.createAdministrator("ann@example.org")
    try site.requestEmailChange("ann@example.org", to: "ann@first.example")
    site.now = site.now + .seconds(60)
    try site.requestEmailChange("ann@example.org", to: "ann@post.example")
    site.now = site.now + .seconds(60)
    _ = try SetPassword.perform(
      "ann@example.org", .unusable, in: site.store, at: site.now, by: Site.actor)
    let history = try history(in: site)
    let voided = history.events.filter { $0.kind == .emailChangeVoided }
    #expect(voided.map(\.detail) == ["to ann@first.example", "to ann@post.example"])
    #expect(voided.map(\.at) == [.moment(site.now - .seconds(60)), .moment(site.now)])
    #expect(
      history.events.suffix(2).map(\.kind) == [.act(.setPassword), .emailChangeVoided])
    #expect(history.advice == .nothing)
  }

  @Test func `an invalid date is not an event`() throws {
    let site = try Site(
      adopting: Statement(
        sqlite: "INSERT INTO users VALUES (1, 'ann@example.org', '!', 'x', FALSE, TRUE, 'y')",
        postgreSQL: """
          INSERT INTO users
          VALUES (1, 'ann@example.org', '!', 'infinity', FALSE, TRUE, '-infinity')
          """))
    #expect(try history(in: site).events.isEmpty)
  }
}
