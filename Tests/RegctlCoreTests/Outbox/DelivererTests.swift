import Glibc
import SQL
import System
import TestSupport
import Testing

@testable import RegctlCore

@Suite("Deliverer") struct DelivererTests {
  /// Delivers due mails to the Maildir, or to `output`.
  @discardableResult
  private func deliver(
    _ site: Site, limit: Int = .max, settings: [String: String] = [:],
    output: @escaping ([UInt8]) throws(FileError) -> Void = { _ in }
  ) throws -> DeliverySummary {
    let deliverer = try Deliverer(
      store: site.store, configuration: site.configuration(settings), uid: geteuid(),
      output: output)
    return try deliverer.deliver(
      .due(limit: limit), watchedBy: { _ in true }, clock: { site.now })
  }

  private func mailFiles(_ site: Site) throws -> [String] {
    try FileSystem.names(in: "\(site.directory.path)/Maildir/new")
  }

  private func mail(_ id: Int64, in site: Site) throws -> OutboxEntry {
    try #require(try site.store.mail(MailID(rawValue: id)))
  }

  /// The recipients of the mails of a pass, in order.
  private func emails(_ summary: DeliverySummary, in site: Site) throws -> [String] {
    try summary.results.map { try mail($0.id.rawValue, in: site).email }
  }

  // MARK: Sending

  @Test func `due mails are sent and recorded`() throws {
    let site = try Site()
    try site.register("ann@example.org")
    let summary = try deliver(site)
    #expect(summary.count(.sent) == 1)
    #expect(summary.nextAttempt == nil)
    let entry = try mail(1, in: site)
    #expect(entry.state == .sent)
    #expect(entry.sentAt == site.now)
    #expect(entry.attempts == 1)
    #expect(!entry.isPossibleDuplicate)
    #expect(try mailFiles(site).count == 1)
  }

  @Test func `the token is issued when the mail is sent`() throws {
    let site = try Site()
    try site.register("ann@example.org")
    site.now = site.now + .seconds(10_000)
    var text = ""
    try deliver(site, settings: ["mail_transport": "stdout"]) {
      text = String(decoding: $0, as: UTF8.self)
    }
    let unfolded = text.replacing("=\n", with: "")
    let link = try #require(unfolded.firstMatch(of: /https:\/\/app.example\/confirm\/\S+/)).output
    let reading = try site.authority().read(TokenText(Array(link.utf8)), at: site.now)
    #expect(reading.issued == site.now)
    #expect(reading.email == "ann@example.org")
  }

  // MARK: The application's reset link

  private static let application = [
    "reset_url": "https://app.example/forgot/new/{token}", "reset_link": "application",
  ]

  /// A site with one due mail, for a new password.
  private func siteWithReset() throws -> Site {
    let site = try Site()
    try site.register("ann@example.org", queuesMail: false)
    _ = try ResetPassword(site.configuration(Self.application), force: false)
      .request("ann@example.org", in: site.store, at: site.now, by: Site.actor)
    return site
  }

  private func storedToken(in site: Site) throws -> String? {
    try site.store.first("SELECT password_reset_token FROM users") { $0.optionalText(0) } ?? nil
  }

  @Test func `the application's reset link is stored with the account before it is sent`() throws {
    let site = try siteWithReset()
    #expect(try storedToken(in: site) == nil)
    var stored: String?
    var text = ""
    try deliver(
      site, settings: Self.application.merging(["mail_transport": "stdout"]) { $1 }
    ) { bytes in
      // If it cannot be read, the comparison below fails.
      stored = try? storedToken(in: site)
      text = String(decoding: bytes, as: UTF8.self)
    }
    let unfolded = text.replacing("=\n", with: "")
    let link = try #require(unfolded.firstMatch(of: /https:\/\/app.example\/forgot\/new\/(\S+)/))
    #expect(stored == String(link.output.1))
    let reading = try site.authority().read(
      TokenText(Array(link.output.1.utf8)), at: site.now)
    #expect(reading.purpose == .confirm)
    #expect(reading.issued == site.now)
  }

  @Test func `a reset mail that is repeated replaces the stored token`() throws {
    let site = try siteWithReset()
    try deliver(site, settings: Self.application)
    let first = try #require(try storedToken(in: site))
    // As after a kill between the claim and the recorded answer.
    try site.store.run(
      """
      UPDATE regctl_outbox
      SET state = 'sending', finished_at = NULL, next_attempt_at = queued_at
      """)
    site.now = site.now + .seconds(5)
    try deliver(site, settings: Self.application)
    #expect(try storedToken(in: site) != first)
    #expect(try mail(1, in: site).isPossibleDuplicate)
    #expect(try mail(1, in: site).state == .sent)
  }

  @Test func `a bound reset link leaves the application's column alone`() throws {
    let site = try siteWithReset()
    try deliver(site, settings: ["reset_url": "https://app.example/reset/{token}"])
    #expect(try storedToken(in: site) == nil)
  }

  @Test func `a pass is refused when the application's column is missing`() throws {
    let site = try Site(adopting: "SELECT 1")
    try site.register("ann@example.org")
    #expect(
      throws: RegctlError.configuration(
        ConfigurationError(origin: .option("--reset-link"), fault: .noResetColumn))
    ) { try deliver(site, settings: Self.application) }
    #expect(try mail(1, in: site).state == .queued)
  }

  @Test func `a mail that is not due is not sent`() throws {
    let site = try Site()
    try site.register("ann@example.org")
    site.now = site.now - .seconds(2)
    #expect(try !Deliverer.hasWork(in: site.store, at: site.now))
    let summary = try deliver(site)
    #expect(summary.results.isEmpty)
    #expect(summary.nextAttempt == site.now + .seconds(2))
  }

  @Test func `the mails of a change of address are sent in the same second`() throws {
    let site = try Site()
    try site.register("ann@example.org")
    try site.confirmByHand("ann@example.org")
    try deliver(site)
    site.now = site.now + .milliseconds(950)
    try site.store.revokeTokens(of: site.store.account("ann@example.org").id, at: site.now)
    try site.requestEmailChange("ann@example.org", to: "new@example.org")
    #expect(try Deliverer.hasWork(in: site.store, at: site.now))
    let settings = ["change_email_url": "https://app.example/change/{token}"]
    let summary = try deliver(site, settings: settings)
    #expect(try emails(summary, in: site) == ["ann@example.org", "new@example.org"])
    #expect(summary.count(.sent) == 2)
    #expect(summary.nextAttempt == nil)
  }

  @Test func `one mail is sent alone, when its link is valid`() throws {
    let site = try Site()
    try site.register("ann@example.org")
    try site.register("bob@example.org")
    site.now = site.now + .milliseconds(950)
    let resend = try Resend(site.configuration(), force: true, revokesPrevious: true)
    let effect = try resend.perform(
      "ann@example.org", in: site.store, at: site.now, by: Site.actor)
    guard case .queued(_, let mail) = effect else {
      Issue.record("not queued")
      return
    }
    let deliverer = try Deliverer(
      store: site.store, configuration: site.configuration(), uid: geteuid(), output: { _ in })
    // The clock of the site stands still, so that only the time that passed can tell.
    let start = ContinuousClock.now
    let (entry, fault) = try deliverer.deliverNow(
      mail, within: .seconds(60), clock: { site.now })
    #expect(entry?.state == .sent && fault == nil)
    #expect(ContinuousClock.now - start >= .milliseconds(50))
    #expect(try site.store.mail(MailID(rawValue: 2))?.state == .queued)
  }

  @Test func `the limit is kept`() throws {
    let site = try Site()
    for letter in ["a", "b", "c"] { try site.register("\(letter)@x.org") }
    #expect(try emails(deliver(site, limit: 2), in: site) == ["a@x.org", "b@x.org"])
    #expect(try emails(deliver(site), in: site) == ["c@x.org"])
  }

  @Test func `more than a batch is sent in one pass`() throws {
    let site = try Site()
    for number in 0..<205 { try site.register("ann\(number)@x.org") }
    let settings = ["mail_transport": "stdout", "flood_factor": "0"]
    #expect(try deliver(site, settings: settings).count(.sent) == 205)
  }

  // MARK: No longer wanted

  @Test func `an account that was confirmed needs no mail`() throws {
    let site = try Site()
    try site.register("ann@example.org")
    try site.confirmByHand("ann@example.org")
    #expect(try deliver(site).count(.cancelled) == 1)
    #expect(try mail(1, in: site).lastReply == "the account was confirmed")
    #expect(try mailFiles(site).isEmpty)
  }

  @Test(arguments: ["bob@example.org", "Ann@example.org"])
  func `an account with another address gets no mail to the old one`(_ email: String) throws {
    let site = try Site()
    try site.register("ann@example.org")
    try site.store.run("UPDATE users SET email = $1", .text(email))
    #expect(try deliver(site).count(.cancelled) == 1)
  }

  @Test func `an account deleted by another program gets no mail`() throws {
    let site = try Site()
    try site.register("ann@example.org")
    try site.store.execute(
      Statement(
        sqlite: "DROP TRIGGER regctl_users_deleted; DELETE FROM users",
        postgreSQL: """
          ALTER TABLE users DISABLE TRIGGER "regctl_users_deleted"; DELETE FROM users
          """))
    #expect(try deliver(site).count(.cancelled) == 1)
  }

  @Test(arguments: [(172_800, OutboxEntry.State.sent), (172_801, .expired)])
  func `a mail expires after its lifetime`(_ age: Int, state: OutboxEntry.State) throws {
    let site = try Site()
    try site.register("ann@example.org")
    site.now = site.now + .seconds(age)
    try deliver(site)
    #expect(try mail(1, in: site).state == state)
  }

  @Test func `a mail that expires keeps the last reply`() throws {
    let site = try Site()
    try site.register("ann@example.org")
    try site.register("bob@example.org")
    try site.store.deferMail(
      MailID(rawValue: 1), reply: "452 4.2.2 full", isPossibleDuplicate: false, at: site.now,
      until: site.now)
    site.now = site.now + .seconds(172_801)
    try deliver(site)
    #expect(try mail(1, in: site).lastReply == "452 4.2.2 full")
    #expect(try mail(2, in: site).lastReply == "not accepted in time")
  }

  @Test func `an address that cannot be mailed to fails`() throws {
    let site = try Site(
      adopting:
        "INSERT INTO users VALUES (1, 'jürgen@x.org', '!', '2026-01-01', FALSE, FALSE, NULL)")
    _ = try Resend(site.configuration(), force: false, revokesPrevious: false)
      .perform("jürgen@x.org", in: site.store, at: site.now, by: Site.actor)
    #expect(try deliver(site).count(.failed) == 1)
  }

  // MARK: Faults

  /// A stream that fails at its n-th mail.
  private final class BrittleStream {
    private(set) var written = 0
    private let breaksAt: Int

    init(breaksAt: Int) { self.breaksAt = breaksAt }

    func write(_ bytes: [UInt8]) throws(FileError) {
      if written + 1 == breaksAt {
        throw FileError(operation: "write", path: "standard output", code: ENOSPC)
      }
      written += 1
    }
  }

  @Test func `a failing transport stops the pass and counts no attempt`() throws {
    let site = try Site()
    for letter in ["a", "b", "c"] { try site.register("\(letter)@x.org") }
    let before = try mail(2, in: site)
    let stream = BrittleStream(breaksAt: 2)
    let summary = try deliver(site, settings: ["mail_transport": "stdout"]) {
      bytes throws(FileError) in try stream.write(bytes)
    }
    #expect(try emails(summary, in: site) == ["a@x.org"])
    guard case .unavailable = summary.stopped else {
      Issue.record("the run went on")
      return
    }
    #expect(try mail(2, in: site) == before)
    #expect(try mail(3, in: site).attempts == 0)
    #expect(try deliver(site).count(.sent) == 2)
  }

  @Test func `a Maildir that cannot be created is an unavailable transport`() throws {
    let site = try Site()
    try site.register("ann@example.org")
    let file = try site.directory.write("file", "")
    let error = try refusal { try deliver(site, settings: ["maildir_path": file]) }
    guard case .delivery(.unavailable) = error else { throw error }
    #expect(try mail(1, in: site).attempts == 0)
  }

  @Test func `a mail abandoned by a process that died is sent, with the same file name`() throws {
    let site = try Site()
    try site.register("ann@example.org")
    try deliver(site)
    let files = try mailFiles(site)
    // As if the process had died between sending the mail and recording that.
    try site.store.execute(
      """
      UPDATE regctl_outbox
      SET state = 'sending', finished_at = NULL, next_attempt_at = queued_at
      """)
    #expect(try deliver(site).count(.sent) == 1)
    #expect(try mail(1, in: site).isPossibleDuplicate)
    #expect(try mail(1, in: site).attempts == 2)
    #expect(try mailFiles(site) == files)
  }

  @Test(.only(.sqlite, "the lock of a server is tested with it"))
  func `one deliverer at a time`() throws {
    let site = try Site()
    try site.register("ann@example.org")
    let lock = try DeliveryLock(beside: site.path)
    #expect(throws: RegctlError.delivery(.running(lock: "\(site.path).deliver.lock"))) {
      try deliver(site)
    }
    lock.release()
    #expect(try deliver(site).count(.sent) == 1)
  }

  // MARK: Settings

  @Test(arguments: [
    (["mail_transport": "smtp"], DeliveryError.missingSetting("mail_server")),
    (
      ["mail_transport": "smtp", "mail_server": "::1", "mail_username": "ann"],
      .missingSetting("mail_password_file")
    ),
    (
      [
        "mail_transport": "smtp", "mail_server": "::1", "mail_username": "ann",
        "mail_password_file": "x", "mail_security": "none",
      ], .passwordInClear
    ),
  ])
  func `a missing or invalid transport setting is reported`(
    _ settings: [String: String], error: DeliveryError
  ) throws {
    let configuration = try Site().configuration(settings)
    #expect(throws: RegctlError.delivery(error)) {
      try Deliverer.check(configuration, uid: geteuid())
    }
  }

  @Test(arguments: [
    ["mail_transport": "sendmail"], ["mail_transport": "stdout"],
    ["mail_transport": "smtp", "mail_server": "::1"],
    [
      "mail_transport": "smtp", "mail_server": "::1", "mail_username": "ann",
      "mail_password_file": "x",
    ],
  ])
  func `a transport with its settings is accepted`(_ settings: [String: String]) throws {
    let configuration = try Site().configuration(settings)
    #expect(throws: Never.self) { try Deliverer.check(configuration, uid: geteuid()) }
  }

  @Test(arguments: ["confirm_url", "mail_default_sender", "maildir_path"])
  func `a missing setting that a mail requires is named`(_ key: String) throws {
    let site = try Site()
    let all = [
      "confirm_url": "https://app.example/{token}", "mail_default_sender": "a@b.cd",
      "mail_transport": "maildir", "maildir_path": "\(site.directory.path)/Maildir",
      "db": site.database?.address ?? site.path,
      "secret_key_file": "\(site.directory.path)/secret.key",
    ]
    let configuration = try ConfigurationLoader.load(all.filter { $0.key != key })
    #expect(throws: RegctlError.delivery(.missingSetting(key))) {
      _ = try Deliverer(
        store: site.store, configuration: configuration, uid: geteuid(), output: { _ in })
    }
  }

  @Test func `without a transport nothing is sent`() throws {
    let configuration = try ConfigurationLoader.load()
    #expect(throws: RegctlError.delivery(.notConfigured)) {
      try Deliverer.check(configuration, uid: geteuid())
    }
  }
}
