import Glibc
import SQL
import TestSupport
import Testing

@testable import RegctlCore

@Suite("FloodBrake") struct FloodBrakeTests {
  private let site: Site

  init() throws { site = try Site() }

  /// Registers accounts at a time, by two statements.
  private func register(_ count: Int, as name: String, at moment: Instant) throws {
    // The parameters of each statement are in the order of their numbers.
    try site.store.run(
      Statement(
        sqlite: """
          INSERT INTO users (email, password, registered_on, admin, confirmed)
          WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $1)
          SELECT $2 || i || '@example.org', '!', '2026-01-01 00:00:00.000000', FALSE, FALSE FROM n
          """,
        postgreSQL: """
          INSERT INTO users (email, password, registered_on, admin, confirmed)
          SELECT $2 || i || '@example.org', '!', '2026-01-01', FALSE, FALSE
          FROM generate_series(1, $1) i
          """), .integer(Int64(count)), .text(name))
    try site.store.run(
      """
      INSERT INTO regctl_accounts (account_id, registered_at)
      SELECT id, CAST($1 AS BIGINT) FROM users WHERE email LIKE $2
      """, .integer(moment.seconds), .text("\(name)%"))
    try site.store.run(
      """
      INSERT INTO regctl_outbox
        (account_id, email, purpose, template, state, queued_at, next_attempt_at, message_id)
      SELECT id, email, 'confirm', 'confirm', 'queued', CAST($1 AS BIGINT), CAST($1 AS BIGINT),
        id || '.0123456789ab@app.example'
      FROM users WHERE email LIKE $2 ORDER BY id
      """, .integer(moment.seconds), .text("\(name)%"))
  }

  private func hold(factor: Int = 10) throws -> Int {
    var brake = FloodBrake(factor: factor)
    return try brake.hold(in: site.store, at: site.now)
  }

  private func count(_ state: String, of name: String) throws -> Int64 {
    try site.store.first(
      "SELECT count(*) FROM regctl_outbox WHERE state = $1 AND email LIKE $2", .text(state),
      .text("\(name)%")
    ) { $0.integer(0) } ?? 0
  }

  // MARK: What a flood is

  @Test func `a hundred in an hour are no flood, one more is`() throws {
    try register(100, as: "a", at: site.now)
    #expect(try hold() == 0)
    try register(1, as: "b", at: site.now)
    #expect(try hold(factor: 0) == 0)
    #expect(try hold() == 101)
    #expect(try hold() == 0)
  }

  @Test func `ten times the usual hour is no flood`() throws {
    // 20 in each of the 24 hours before the last.
    for hour in (1...24 as ClosedRange<Int64>).reversed() {
      try register(20, as: "h\(hour)x", at: site.now - .seconds(hour * 3600 + 60))
    }
    try register(199, as: "a", at: site.now)
    #expect(try hold() == 0)
    try register(20, as: "b", at: site.now)
    #expect(try hold() == 219)
  }

  @Test func `a bulk resend is no flood`() throws {
    try register(200, as: "a", at: site.now)
    try site.store.execute("UPDATE regctl_accounts SET registered_at = registered_at - 4000")
    #expect(try hold() == 0)
  }

  @Test func `released mails neither count nor are held again`() throws {
    try register(150, as: "a", at: site.now)
    #expect(try hold() == 150)
    let release = BulkMailChange(
      .release, of: OutboxFilter(), limit: .max, at: site.now, by: Site.actor)
    #expect(try release.perform(atMost: 1000, in: site.store)?.count == 150)
    #expect(try hold() == 0)
    site.now = site.now + .seconds(60)
    try register(50, as: "b", at: site.now)
    #expect(try hold() == 0)
    try register(60, as: "c", at: site.now)
    #expect(try hold() == 110)
    #expect(try count("queued", of: "a") == 150)
  }

  @Test func `without the tables of schema 7 nothing is held`() throws {
    try register(150, as: "a", at: site.now)
    site.store.keepsMoments = false
    #expect(try hold() == 0)
  }

  // MARK: A flood in a service

  @Test func `robots are held, and resets leave within a minute`() throws {
    // Eight weeks of 3 to 12 registrations an hour.
    var usual = 0
    for hour in (1...1344 as ClosedRange<Int64>).reversed() {
      let count = 3 + Int(hour * 7 % 10)
      if hour <= 672 { usual += count }
      try register(count, as: "p\(hour)x", at: site.now - .seconds(hour * 3600))
    }
    try site.store.execute("UPDATE regctl_outbox SET state = 'sent', next_attempt_at = NULL")
    let limit = max(100, usual * 10 / 672 + 1)
    let reader = try site.store.account(named: "p9x1@example.org")
    let configuration = try site.configuration([
      "reset_url": "https://app.example/reset/{token}"
    ])
    let transport = FakeTransport()
    var left: [(mail: Int64, minute: Int)] = []
    var resets: [Int64: Int] = [:]
    // 2,000 robots in two hours, and a reset every ten minutes.
    for minute in 0..<120 {
      try register(16 + (minute % 3 == 0 ? 2 : 0), as: "robot\(minute)x", at: site.now)
      if minute % 10 == 0 {
        let id = try site.store.enqueue(
          .reset, to: reader, at: site.now, due: site.now, messageDomain: "app.example")
        resets[id.rawValue] = minute
      }
      let before = transport.submitted.count
      var pass = DeliveryPass(
        store: site.store, reopen: { () throws(RegctlError) in try site.open(for: .writing) },
        assembler: try MailAssembler(configuration, uid: geteuid()), transport: transport,
        limits: DeliveryLimits(configuration), watch: { _ in true }, clock: { site.now })
      let right = try site.store.deliveryRight()
      _ = try pass.run(.due(limit: .max))
      right.release()
      left += transport.submitted[before...].map { ($0, minute) }
      site.now = site.now + .seconds(60)
    }
    let sentResets = left.filter { resets[$0.mail] != nil }
    #expect(sentResets.count == 12)
    #expect(sentResets.allSatisfy { resets[$0.mail] == $0.minute })
    let robots = left.count - sentResets.count
    #expect(robots > 0)
    #expect(robots <= limit)
    // Nothing is lost.
    let total = try count("held", of: "robot") + count("sent", of: "robot")
    #expect(total == 2000)
    #expect(try count("queued", of: "robot") == 0)
  }
}
