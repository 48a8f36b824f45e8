import Glibc
import SQL
import TestSupport
import Testing

@testable import RegctlCore

@Suite("DeliveryPass") struct DeliveryPassTests {
  private let site: Site
  private let transport = FakeTransport()

  init() throws { site = try Site() }

  // MARK: Support

  private func register(_ count: Int) throws {
    for number in 1...count { try site.register("ann\(number)@x.org") }
  }

  /// Runs a pass over due mails, or over one mail.
  @discardableResult
  private func run(
    in other: Site? = nil, _ selection: Deliverer.Selection = .due(limit: .max),
    watchedBy watch: @escaping DeliveryWatch = { _ in true }, clock: (() -> Instant)? = nil,
    deadline: DeliveryDeadline? = nil
  ) throws -> DeliverySummary {
    let site = other ?? site
    let right = try site.store.deliveryRight()
    var pass = DeliveryPass(
      store: site.store, reopen: { () throws(RegctlError) in try site.open(for: .writing) },
      assembler: try MailAssembler(site.configuration(), uid: geteuid()),
      transport: transport, watch: watch, clock: clock ?? { site.now }, deadline: deadline)
    let summary = try pass.run(selection)
    right.release()
    return summary
  }

  /// Runs another pass, with a transport that accepts everything, and returns the submitted mails.
  @discardableResult
  private func deliverAgain() throws -> [Int64] {
    let (site, transport) = (site, FakeTransport())
    let right = try site.store.deliveryRight()
    var pass = DeliveryPass(
      store: site.store, reopen: { () throws(RegctlError) in try site.open(for: .writing) },
      assembler: try MailAssembler(site.configuration(), uid: geteuid()),
      transport: transport, watch: { _ in true }, clock: { site.now })
    _ = try pass.run(.due(limit: .max))
    right.release()
    return transport.submitted
  }

  /// A mail, also while the pass is using its own connection.
  private func mail(_ id: Int64) throws -> OutboxEntry {
    try #require(try site.open(for: .reading).mail(MailID(rawValue: id)))
  }

  /// All mails of the outbox.
  private func mails() throws -> [OutboxEntry] {
    try site.store.mails(after: nil, matching: OutboxFilter(), limit: .max)
  }

  private func sendingCount() throws -> Int {
    try site.open(for: .reading).mails(
      after: nil, matching: OutboxFilter(states: [.sending]), limit: .max
    ).count
  }

  // MARK: Submission

  @Test(arguments: [1, 7, 1000])
  func `each mail is submitted once, the earliest due first`(_ capacity: Int) throws {
    try register(130)
    transport.capacity = capacity
    let summary = try run()
    #expect(transport.submitted == Array(1...130))
    #expect(summary.count(.sent) == 130)
    #expect(try mails().allSatisfy { $0.state == .sent && $0.attempts == 1 })
  }

  @Test func `without due mails the transport is only closed`() throws {
    let summary = try run()
    #expect(summary == DeliverySummary())
    #expect(transport.submitted.isEmpty)
    #expect(transport.isClosed)
  }

  @Test func `a mail is marked before it is submitted`() throws {
    try register(3)
    var entries: [OutboxEntry] = []
    transport.submission = { entries.append(try self.mail($0.entry.id.rawValue)) }
    try run()
    #expect(entries.map(\.state) == [.sending, .sending, .sending])
    #expect(entries.map(\.attempts) == [1, 1, 1])
    #expect(entries.allSatisfy { $0.messageID.contains("@") })
  }

  @Test func `mails are marked a window at a time`() throws {
    try register(250)
    transport.capacity = 5
    var marked: [Int] = []
    transport.submission = { _ in marked.append(try self.sendingCount()) }
    try run()
    #expect(try #require(marked.max()) <= 100 + transport.capacity)
    #expect(marked[0] < 100)
  }

  @Test func `the transport gets the number of queued mails`() throws {
    try register(3)
    try run()
    #expect(transport.announced.first == 3)
  }

  @Test func `results are recorded while other mails are in flight`() throws {
    try register(2)
    transport.capacity = 2
    var looks = 0
    transport.verdict = { id in
      if id.rawValue == 1 { return .sent("ok") }
      looks += 1
      let isRecorded = (try? self.mail(1))?.state == .sent
      return isRecorded || looks > 20 ? .sent("ok") : nil
    }
    try run()
    #expect(looks <= 20)
  }

  @Test func `mails that are no longer wanted are not submitted`() throws {
    try register(3)
    try site.confirmByHand("ann2@x.org")
    let summary = try run()
    #expect(transport.submitted == [1, 3])
    #expect(summary.count(.cancelled) == 1)
    #expect(summary.results.count == 3)
  }

  // MARK: Invalid data

  @Test(
    arguments: [
      "UPDATE regctl_outbox SET attempts = 9223372036854775807 WHERE id = 2",
      "UPDATE regctl_outbox SET queued_at = -9223372036854775808 WHERE id = 2",
      "UPDATE regctl_outbox SET next_attempt_at = -9223372036854775808 WHERE id = 2",
      "UPDATE regctl_outbox SET purpose = 'else' WHERE id = 2",
      "UPDATE regctl_outbox SET template = 'else' WHERE id = 2",
      "UPDATE regctl_accounts SET not_before = 9223372036854775807 WHERE account_id = 2",
    ]
      + TestEngine.choose(
        sqlite: [
          "UPDATE regctl_outbox SET attempts = 'many' WHERE id = 2",
          "UPDATE regctl_outbox SET next_attempt_at = 'soon' WHERE id = 2",
          "UPDATE regctl_outbox SET finished_at = x'00' WHERE id = 2",
          "UPDATE regctl_outbox SET possible_duplicate = 'no' WHERE id = 2",
          "UPDATE regctl_outbox SET account_id = 'ann' WHERE id = 2",
          "UPDATE users SET confirmed = 'x' WHERE id = 2",
        ],
        postgresql: [
          """
          ALTER TABLE users ALTER COLUMN confirmed DROP NOT NULL;
          UPDATE users SET confirmed = NULL WHERE id = 2
          """
        ]) as [Statement])
  func `a mail with an invalid row fails, and the others are sent`(_ sql: Statement) throws {
    try register(3)
    try site.store.execute(sql)
    let summary = try run()
    #expect(transport.submitted.sorted() == [1, 3])
    #expect(summary.count(.failed) == 1)
    #expect(summary.stopped == nil)
    let state = try site.store.first(
      "SELECT state, last_reply FROM regctl_outbox WHERE id = 2"
    ) { ($0.text(0), $0.text(1)) }
    #expect(state?.0 == "failed")
    #expect(state?.1.contains("2") == true || "\(sql.sqlite)".contains("next_attempt_at"))
    #expect(try deliverAgain().isEmpty)
  }

  /// Makes the index of queued mails list finished mails too.
  private func damageIndex(_ count: Int) throws {
    func rewrite(_ sql: Statement) throws {
      let connection = try Store.openUnchecked(.file(site.path), for: .writing, busyTimeout: .zero)
      try connection.execute("PRAGMA writable_schema=ON")
      try connection.execute(sql)
      let version = try connection.first("PRAGMA schema_version") { $0.integer(0) }
      // A pragma takes no parameters.
      try connection.execute(
        version == 99 ? "PRAGMA schema_version=100" : "PRAGMA schema_version=99")
    }
    try rewrite(
      """
      UPDATE sqlite_schema SET sql = replace(sql, '''queued''', '''none''')
      WHERE name = 'regctl_outbox_due'
      """)
    let connection = try Store.openUnchecked(.file(site.path), for: .writing, busyTimeout: .zero)
    try connection.run(
      "UPDATE regctl_outbox SET state = 'sent' WHERE id <= $1", .integer(Int64(count)))
    try rewrite(
      """
      UPDATE sqlite_schema SET sql = replace(sql, '''none''', '''queued''')
      WHERE name = 'regctl_outbox_due'
      """)
  }

  @Test(.only(.sqlite, "a server's index cannot be damaged by a statement"))
  func `mails only listed by an index end the pass, none is sent twice`() throws {
    try register(40)
    try damageIndex(20)
    // The control: the index lists mails that were sent.
    #expect(try site.store.mailsDue(at: site.now, limit: 100).count == 40)
    let summary = try run()
    #expect(summary.stopped == .outboxDamaged)
    #expect(transport.submitted.allSatisfy { $0 > 20 })
    #expect(Set(transport.submitted).count == transport.submitted.count)
    #expect(try sendingCount() == 0)
  }

  @Test(.only(.sqlite, "a server's index cannot be damaged by a statement"))
  func `after a second such mail no further one is started`() throws {
    try register(60)
    try damageIndex(1)
    let summary = try run()
    #expect(transport.submitted == Array(2...17))
    #expect(summary.count(.sent) == 16)
    #expect(summary.stopped == .outboxDamaged)
    #expect(try mails().filter { $0.state == .queued && $0.attempts == 0 }.count == 43)
  }

  // MARK: Due times

  @Test func `a mail that falls due within the next second is submitted when it is due`() throws {
    try register(2)
    try site.store.execute(
      "UPDATE regctl_outbox SET next_attempt_at = next_attempt_at + 1 WHERE id = 1")
    site.now = site.now + .milliseconds(900)
    var submitted: [Int64: ContinuousClock.Instant] = [:]
    transport.submission = { submitted[$0.entry.id.rawValue] = .now }
    let start = ContinuousClock.now
    #expect(try run().count(.sent) == 2)
    #expect(transport.submitted == [2, 1])
    #expect(try #require(submitted[1]) - start >= .milliseconds(100))
    #expect(try #require(submitted[2]) < #require(submitted[1]))
  }

  @Test func `a mail is queued while it is waited for`() throws {
    try register(1)
    site.now = site.now - .milliseconds(100)
    var states: [OutboxEntry.State] = []
    let summary = try run(watchedBy: { _ in
      if let mail = try? self.mail(1) { states.append(mail.state) }
      return states.count < 2
    })
    #expect(states == [.queued, .queued])
    #expect(summary == DeliverySummary())
    #expect(try mail(1).attempts == 0)
  }

  @Test func `a mail that falls due later is left`() throws {
    try register(2)
    try site.store.execute(
      "UPDATE regctl_outbox SET next_attempt_at = next_attempt_at + id")
    site.now = site.now + .milliseconds(990)
    try run()
    #expect(transport.submitted == [1])
  }

  // MARK: Selection

  @Test(arguments: [1, 2, 8, 9, 19, 20, 21])
  func `the limit is kept`(_ limit: Int) throws {
    try register(20)
    transport.capacity = 3
    let summary = try run(.due(limit: limit))
    #expect(summary.results.count == min(limit, 20))
    #expect(transport.submitted == Array(1...Int64(min(limit, 20))))
    #expect(try mails().count { $0.attempts == 0 } == max(0, 20 - limit))
  }

  @Test func `unwanted mails count for the limit`() throws {
    try register(3)
    try site.confirmByHand("ann1@x.org")
    #expect(try run(.due(limit: 2)).results.map(\.state) == [.cancelled, .sent])
  }

  @Test func `a returned mail counts once for the limit`() throws {
    try register(3)
    var isFirst = true
    transport.verdict = { _ in
      defer { isFirst = false }
      return isFirst ? .returned : .sent("ok")
    }
    #expect(try run(.due(limit: 2)).results.map(\.id.rawValue) == [1, 2])
  }

  @Test func `one mail can be sent, whether or not it is due`() throws {
    try register(3)
    site.now = site.now - .seconds(3600)
    let summary = try run(.only(MailID(rawValue: 2)))
    #expect(transport.submitted == [2])
    #expect(summary.results == [DeliverySummary.MailResult(id: MailID(rawValue: 2), state: .sent)])
  }

  @Test(arguments: OutboxEntry.State.allCases.filter { $0 != .queued })
  func `one mail that is not queued is not sent`(_ state: OutboxEntry.State) throws {
    try register(1)
    try site.store.finish(MailID(rawValue: 1), as: state, reply: nil, at: site.now)
    #expect(try run(.only(MailID(rawValue: 1))).results.isEmpty)
    #expect(transport.submitted.isEmpty)
  }

  @Test func `one mail that does not exist is not sent`() throws {
    #expect(try run(.only(MailID(rawValue: 9))).results.isEmpty)
  }

  @Test func `one mail that is returned is submitted again`() throws {
    try register(1)
    transport.verdict = { _ in self.transport.submitted.count < 3 ? .returned : .sent("ok") }
    #expect(try run(.only(MailID(rawValue: 1))).count(.sent) == 1)
    #expect(transport.submitted == [1, 1, 1])
  }

  // MARK: Results

  @Test(arguments: [
    (DeliveryVerdict.sent("250 ok"), OutboxEntry.State.sent, "250 ok", false),
    (.refused("550 no"), .failed, "550 no", false),
    (.deferred("451 later", isPossibleDuplicate: false), .queued, "451 later", false),
    (.deferred("lost", isPossibleDuplicate: true), .queued, "lost", true),
  ])
  func `the result of a mail is recorded`(
    _ verdict: DeliveryVerdict, state: OutboxEntry.State, reply: String, isPossibleDuplicate: Bool
  ) throws {
    try register(1)
    transport.verdict = { _ in verdict }
    let summary = try run()
    let entry = try mail(1)
    #expect(summary.results.map(\.state) == [state])
    #expect(entry.state == state)
    #expect(entry.lastReply == reply)
    #expect(entry.isPossibleDuplicate == isPossibleDuplicate)
    #expect(entry.attempts == 1)
    #expect(entry.finishedAt == (state == .queued ? nil : site.now))
    let replies = try site.store.attempts(at: entry.id).map(\.reply)
    #expect(replies == (state == .sent ? [] : [reply]))
  }

  // MARK: Blame

  @Test func `a refusal for a fault on this side leaves the mail queued, uncounted`() throws {
    try register(1)
    transport.verdict = { _ in .refused("554 5.7.1 blocked") }
    let summary = try run()
    let entry = try mail(1)
    #expect(summary.count(.queued) == 1)
    #expect(summary.stopped == nil)
    #expect(entry.state == .queued)
    #expect(entry.attempts == 0)
    #expect(entry.lastReply == "554 5.7.1 blocked")
    let delay = try #require(entry.nextAttemptAt).seconds - site.now.seconds
    #expect((900...990).contains(delay))
    #expect(try site.store.attempts(at: entry.id).map(\.result) == [.deferred])
  }

  @Test(arguments: [1, 4])
  func `a server that takes no mail from here ends the pass`(_ capacity: Int) throws {
    try register(40)
    transport.capacity = capacity
    transport.verdict = { _ in .refused("550 5.7.1 blocked") }
    let summary = try run()
    #expect(summary.stopped == .declined(reply: "550 5.7.1 blocked"))
    #expect((3...2 + capacity * 2).contains(transport.submitted.count))
    #expect(try mails().allSatisfy { $0.state == .queued && $0.attempts == 0 })
    #expect(try deliverAgain().count == 40 - transport.submitted.count)
  }

  @Test func `single faults on this side end no pass`() throws {
    try register(40)
    transport.verdict = { id in
      id.rawValue % 3 == 0 ? .refused("550 5.7.1 no") : .sent("ok")
    }
    let summary = try run()
    #expect(summary.stopped == nil)
    #expect(summary.count(.queued) == 13)
    #expect(summary.count(.sent) == 27)
  }

  @Test(arguments: [(4, OutboxEntry.State.failed), (5, .queued), (40, .queued)])
  func `a pass that meets nothing but unclear refusals fails only a few`(
    _ count: Int, state: OutboxEntry.State
  ) throws {
    try register(count)
    transport.capacity = 4
    transport.verdict = { _ in .refused("550 no") }
    let summary = try run()
    #expect(summary.stopped == (state == .failed ? nil : .declined(reply: "550 no")))
    #expect(try mails().allSatisfy { $0.state == state })
    #expect(try mails().allSatisfy { $0.attempts == (state == .failed ? 1 : 0) })
    #expect(transport.submitted.count <= 27)
  }

  @Test func `an unclear refusal is final once the server has accepted a mail`() throws {
    try register(30)
    transport.verdict = { id in id.rawValue == 12 ? .sent("ok") : .refused("550 no") }
    let summary = try run()
    #expect(summary.stopped == nil)
    #expect(summary.count(.failed) == 29)
    #expect(try mail(1).state == .failed)
    #expect(try mail(30).state == .failed)
  }

  @Test func `a deferred mail is retried with increasing delays`() throws {
    try register(1)
    transport.verdict = { _ in .deferred("451 later", isPossibleDuplicate: false) }
    var delays: [Int64] = []
    for _ in 1...3 {
      try run()
      let next = try #require(try mail(1).nextAttemptAt)
      delays.append(next.seconds - site.now.seconds)
      site.now = next
    }
    #expect((60...66).contains(delays[0]))
    #expect((300...330).contains(delays[1]))
    #expect((900...990).contains(delays[2]))
    #expect(try mail(1).attempts == 3)
  }

  @Test func `a deferred mail is not tried again in the same pass`() throws {
    try register(50)
    transport.verdict = { _ in .deferred("451 later", isPossibleDuplicate: false) }
    #expect(try run().count(.queued) == 50)
    #expect(transport.submitted == Array(1...50))
  }

  @Test func `a deferred mail is not tried again after the clock is set back`() throws {
    try register(40)
    transport.verdict = { _ in .deferred("451 later", isPossibleDuplicate: false) }
    transport.submission = { _ in
      if self.transport.submitted.count == 1 { self.site.now = self.site.now - .seconds(3600) }
      if self.transport.submitted.count == 50 { self.transport.fault = .notConfigured }
    }
    try run()
    #expect(transport.submitted == Array(1...40))
  }

  @Test func `a possible duplicate stays marked when it is sent`() throws {
    try register(1)
    transport.verdict = { _ in .deferred("lost", isPossibleDuplicate: true) }
    try run()
    site.now = site.now + .seconds(3600)
    try deliverAgain()
    #expect(try mail(1).state == .sent)
    #expect(try mail(1).isPossibleDuplicate)
  }

  @Test func `a returned mail is submitted again and counted once`() throws {
    try register(3)
    var returned: Set<Int64> = []
    transport.capacity = 3
    transport.verdict = { returned.insert($0.rawValue).inserted ? .returned : .sent("ok") }
    let summary = try run()
    #expect(transport.submitted.sorted() == [1, 1, 2, 2, 3, 3])
    #expect(summary.count(.sent) == 3)
    #expect(try mails().allSatisfy { $0.state == .sent && $0.attempts == 1 })
  }

  // MARK: Unavailable transport

  private let fault = DeliveryError.unavailable(reason: "no server")

  @Test func `a transport unavailable from the start marks nothing`() throws {
    try register(3)
    let before = try mails()
    transport.fault = fault
    let summary = try run()
    #expect(summary.stopped == fault)
    #expect(try mails() == before)
    #expect(transport.isClosed)
  }

  @Test func `a transport that cannot be opened counts no attempt`() throws {
    try register(30)
    let before = try mails()
    transport.opening = { _ in self.transport.fault = self.fault }
    let summary = try run()
    #expect(summary.stopped == fault)
    #expect(summary.results.isEmpty)
    #expect(try mails() == before)
  }

  @Test func `when the transport fails, unsent mails are requeued without an attempt`() throws {
    try register(6)
    let before = try mails()
    transport.verdict = { id in
      if id.rawValue < 3 { return .sent("ok") }
      self.transport.fault = self.fault
      return .returned
    }
    let summary = try run()
    #expect(summary.results.map(\.state) == [.sent, .sent])
    #expect(summary.stopped == fault)
    #expect(try Array(mails()[2...]) == Array(before[2...]))
    #expect(transport.isClosed)
  }

  @Test func `when the transport fails, results of mails in flight are recorded`() throws {
    try register(6)
    transport.capacity = 3
    transport.verdict = { id in
      self.transport.fault = self.fault
      return id.rawValue == 2 ? .deferred("lost", isPossibleDuplicate: true) : .sent("ok")
    }
    try run()
    #expect(
      try mails().map(\.state) == [.sent, .queued, .sent, .queued, .queued, .queued])
    #expect(try mails().map(\.attempts) == [1, 1, 1, 0, 0, 0])
    #expect(try mail(2).isPossibleDuplicate)
  }

  @Test func `requeued mails come after all other due mails`() throws {
    try register(2)
    site.now = site.now + .seconds(50)
    transport.opening = { _ in self.transport.fault = self.fault }
    try run()
    #expect(try mails().map(\.nextAttemptAt) == [site.now, site.now])
  }

  @Test func `a mail requeued before a claim is sent by the next pass`() throws {
    try register(3)
    transport.opening = { _ in self.transport.fault = self.fault }
    try run()
    #expect(try deliverAgain() == [1, 2, 3])
  }

  // MARK: The time limit

  @Test func `with a time limit of zero nothing is started, and the result says so`() throws {
    try register(3)
    let before = try mails()
    let summary = try run(deadline: DeliveryDeadline(after: .zero, grace: .seconds(60)))
    #expect(transport.submitted.isEmpty)
    #expect(transport.cuts == 0)
    #expect(transport.isClosed)
    #expect(summary.isOutOfTime)
    #expect(summary.stopped == nil)
    #expect(try mails() == before)
  }

  @Test func `after the time limit, mails in flight complete, the rest is requeued`() throws {
    try register(10)
    let before = try mails()
    transport.capacity = 3
    transport.recallable = [3]
    let deadline = DeliveryDeadline(after: .milliseconds(300), grace: .seconds(60))
    transport.verdict = { _ in deadline.lastStart <= .now ? .sent("ok") : nil }
    let summary = try run(deadline: deadline)
    #expect(transport.submitted == [1, 2, 3])
    #expect(transport.cuts == 0)
    #expect(summary.results.map(\.state) == [.sent, .sent])
    #expect(summary.isOutOfTime)
    #expect(try mails().prefix(2).allSatisfy { $0.state == .sent })
    #expect(try Array(mails()[2...]) == Array(before[2...]))
  }

  @Test func `mails in flight that do not complete are cut and deferred`() throws {
    try register(6)
    let before = try mails()
    transport.capacity = 3
    transport.verdict = { _ in nil }
    let deadline = DeliveryDeadline(after: .milliseconds(300), grace: .milliseconds(200))
    let summary = try run(deadline: deadline)
    #expect(ContinuousClock.now >= deadline.end)
    #expect(transport.cuts == 1)
    #expect(transport.isClosed)
    #expect(transport.submitted == [1, 2, 3])
    #expect(summary.results.map(\.state) == [.queued, .queued, .queued])
    #expect(summary.isOutOfTime)
    #expect(summary.stopped == nil)
    #expect(try mails().map(\.attempts) == [1, 1, 1, 0, 0, 0])
    #expect(try mails().prefix(3).map(\.isPossibleDuplicate) == [false, true, false])
    #expect(try mails().prefix(3).allSatisfy { $0.lastReply == "cut" })
    #expect(try Array(mails()[3...]) == Array(before[3...]))
  }

  @Test func `a sufficient time limit changes nothing`() throws {
    try register(20)
    let summary = try run(deadline: DeliveryDeadline(after: .seconds(600), grace: .seconds(60)))
    #expect(summary.count(.sent) == 20)
    #expect(!summary.isOutOfTime)
  }

  @Test func `a time limit that ends with the last mail is sufficient`() throws {
    try register(5)
    let deadline = DeliveryDeadline(after: .milliseconds(300), grace: .seconds(60))
    transport.verdict = { _ in
      while ContinuousClock.now < deadline.lastStart {}
      return .sent("ok")
    }
    transport.capacity = 5
    let summary = try run(.only(MailID(rawValue: 2)), deadline: deadline)
    #expect(summary.count(.sent) == 1)
    #expect(!summary.isOutOfTime)
  }

  // MARK: Stored replies

  /// Runs with a server that quotes whole mails in the reply of `verdict`, and returns the token of
  /// each.
  private func quoting(
    _ verdict: @escaping ([Int64: String], MailID) -> DeliveryVerdict?
  ) throws -> [String] {
    var mails: [Int64: String] = [:]
    transport.submission = { mail in
      mails[mail.entry.id.rawValue] = String(decoding: mail.bytes, as: UTF8.self)
    }
    transport.verdict = { verdict(mails, $0) }
    try run()
    return try mails.sorted { $0.key < $1.key }.map { _, mail in
      let text = mail.replacing("=\r\n", with: "")
      let link = try #require(text.firstMatch(of: /https:\/\/app.example\/confirm\/([\w.-]+)/))
      return String(link.output.1)
    }
  }

  /// The stored reply of each mail, reduced to token characters.
  private func keptCharacters() throws -> [String] {
    try mails().map { mail in (mail.lastReply ?? "").filter { $0.isLetter || "._-".contains($0) } }
  }

  @Test(
    arguments: [
      { .refused($0) }, { .sent($0) }, { .deferred($0, isPossibleDuplicate: true) },
    ] as [@Sendable (String) -> DeliveryVerdict])
  func `a quoted token is not stored`(
    _ verdict: @Sendable @escaping (String) -> DeliveryVerdict
  ) throws {
    try register(2)
    let tokens = try quoting { mails, id in verdict("554 no: \(mails[id.rawValue] ?? "")") }
    for (mail, token) in zip(try mails(), tokens) {
      let reply = try #require(mail.lastReply)
      #expect(reply.contains("554 no: "))
      #expect(reply.utf8.count <= 1024)
      #expect(TokenMask([token]).hidingTokens(in: reply) == reply)
    }
  }

  @Test func `a quoted token of another mail is not stored`() throws {
    try register(3)
    transport.capacity = 2
    let tokens = try quoting { mails, id in
      .refused("554 no: \(mails.values.joined().filter { !$0.isWhitespace })")
    }
    for mail in try mails() {
      let reply = try #require(mail.lastReply)
      for token in tokens { #expect(TokenMask([token]).hidingTokens(in: reply) == reply) }
    }
  }

  @Test func `a quoted token is not shown in the reason why the pass stopped`() throws {
    try register(1)
    var text = ""
    transport.submission = { text = String(decoding: $0.bytes, as: UTF8.self) }
    transport.verdict = { _ in
      self.transport.fault = .unavailable(reason: "421 bye: \(text)")
      return .returned
    }
    let summary = try run()
    guard case .unavailable(let reason) = summary.stopped else {
      Issue.record("the pass went on")
      return
    }
    #expect(reason.hasPrefix("421 bye: "))
    #expect(reason.utf8.count <= 1024)
    let link = try #require(
      text.replacing("=\r\n", with: "").firstMatch(of: /\/confirm\/([\w.-]+)/))
    #expect(TokenMask([String(link.output.1)]).hidingTokens(in: reason) == reason)
    // The control: without the mask it would be.
    let whole = String(decoding: text.utf8.prefix(1000), as: UTF8.self)
    #expect(TokenMask([String(link.output.1)]).hidingTokens(in: whole) != whole)
  }

  // MARK: Lost connection

  @Test func `when the connection is lost, results of mails in flight are recorded over another`()
    throws
  {
    let site = try Site(on: .postgresql)
    for number in 1...10 { try site.register("ann\(number)@x.org") }
    transport.capacity = 3
    let answer = ContinuousClock.now + .milliseconds(600)
    transport.verdict = { $0.rawValue == 1 || ContinuousClock.now > answer ? .sent("ok") : nil }
    transport.submission = { _ in
      if self.transport.submitted.count == 4 { try site.endSessions() }
    }
    #expect {
      try run(in: site)
    } throws: { error in
      guard case .store(.connectionLost) = error as? RegctlError else { return false }
      return true
    }
    #expect(transport.submitted == [1, 2, 3, 4])
    let after = try site.open(for: .reading).mails(
      after: nil, matching: OutboxFilter(), limit: .max)
    #expect(after.prefix(4).allSatisfy { $0.state == .sent && $0.attempts == 1 })
    #expect(after.dropFirst(4).allSatisfy { $0.state == .queued && $0.attempts == 0 })
    #expect(after.allSatisfy { !$0.isPossibleDuplicate })
  }

  // MARK: Observer

  @Test func `an observer that stops at the start gets nothing sent`() throws {
    try register(3)
    let before = try mails()
    let summary = try run(watchedBy: { _ in false })
    #expect(summary.stopped == nil)
    #expect(transport.submitted.isEmpty)
    #expect(try mails() == before)
    #expect(transport.isClosed)
  }

  @Test func `after a stop, mails in flight are completed and the rest is requeued`() throws {
    try register(10)
    let before = try mails()
    transport.capacity = 3
    let summary = try run(watchedBy: { _ in self.transport.submitted.count < 3 })
    #expect(transport.submitted == [1, 2, 3])
    #expect(summary.count(.sent) == 3)
    #expect(try mails().prefix(3).allSatisfy { $0.state == .sent })
    #expect(try Array(mails()[3...]) == Array(before[3...]))
  }

  @Test func `after a stop, mails that were not started are not waited for`() throws {
    try register(4)
    let before = try mails()
    transport.capacity = 4
    transport.recallable = [2, 3, 4]
    try run(watchedBy: { _ in self.transport.submitted.isEmpty })
    #expect(transport.submitted == [1, 2, 3, 4])
    #expect(try mail(1).state == .sent)
    #expect(try Array(mails()[1...]) == Array(before[1...]))
  }

  @Test func `after a stop, returned mails are requeued too`() throws {
    try register(2)
    let before = try mails()
    transport.verdict = { _ in .returned }
    let summary = try run(watchedBy: { _ in self.transport.submitted.isEmpty })
    #expect(summary.results.isEmpty)
    #expect(try mails() == before)
  }

  @Test func `the observer gets the results so far`() throws {
    try register(3)
    var counts: [Int] = []
    try run(watchedBy: {
      counts.append($0.results.count)
      return true
    })
    #expect(counts.first == 0)
    #expect(counts == counts.sorted())
    #expect(Set(counts) == [0, 1, 2, 3])
  }
}
