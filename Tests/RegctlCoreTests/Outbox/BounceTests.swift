import SQL
import TestSupport
import Testing

@testable import RegctlCore

@Suite("Bounce") struct BounceTests {
  /// A site with an account whose first mail was sent.
  private func site() throws -> Site {
    let site = try Site()
    try site.register("ann@example.org")
    try site.store.finish(MailID(rawValue: 1), as: .sent, reply: "250 ok", at: site.now)
    site.now = site.now + .seconds(60)
    return site
  }

  /// A report that identifies the first mail.
  private func report(in site: Site) throws -> DeliveryReport {
    let mail = try mail(in: site)
    var report = DeliveryReport()
    report.envelopeID = EnvelopeID(of: mail.id, messageID: mail.messageID).text
    return report
  }

  private func mail(in site: Site) throws -> OutboxEntry {
    try #require(try site.store.mail(MailID(rawValue: 1)))
  }

  private func perform(_ report: DeliveryReport, in site: Site) throws -> Bounce.Effect {
    try #require(Bounce(report.bytes)).perform(in: site.store, at: site.now)
  }

  /// The number of reports that are kept.
  private func count(in site: Site) throws -> Int {
    try site.store.bounceCount(matching: BounceFilter())
  }

  // MARK: Mails that bounce

  @Test func `a mail that was sent bounces with the words of the server`() throws {
    let site = try site()
    guard case .recorded(let record) = try perform(report(in: site), in: site) else {
      Issue.record("not recorded")
      return
    }
    #expect(record.result == .bounced)
    #expect(record.reply == "550 5.1.1 no such user")
    #expect(record.status == "5.1.1")
    #expect(record.reporter == "relay.example")
    #expect(record.isOnLedger)
    let mail = try mail(in: site)
    #expect(mail.state == .bounced)
    #expect(mail.lastReply == "550 5.1.1 no such user")
    #expect(mail.sentAt == Site.start)
    #expect(try site.store.bounce(suppressing: site.store.account("ann@example.org")) == record)
  }

  @Test func `the same report twice changes nothing the second time`() throws {
    let site = try site()
    guard case .recorded(let record) = try perform(report(in: site), in: site) else {
      Issue.record("not recorded")
      return
    }
    site.now = site.now + .seconds(60)
    #expect(try perform(report(in: site), in: site) == .known(record))
    var other = try report(in: site)
    other.status = "5.2.1"
    #expect(try perform(other, in: site) == .known(record))
    #expect(try count(in: site) == 1)
  }

  @Test(arguments: ["X-Regctl-Mail", "Message-ID"])
  func `a report without ENVID identifies the mail by the returned header`(_ field: String) throws {
    let site = try site()
    let mail = try mail(in: site)
    var report = DeliveryReport()
    report.returned =
      field == "Message-ID"
      ? ["Message-ID: <\(mail.messageID)>"]
      : ["X-Regctl-Mail: \(EnvelopeID(of: mail.id, messageID: mail.messageID).text)"]
    _ = try perform(report, in: site)
    #expect(try self.mail(in: site).state == .bounced)
  }

  @Test func `an original recipient counts where the mail was forwarded`() throws {
    let site = try site()
    var report = try report(in: site)
    report.finalRecipient = "ann.smith@other.example"
    report.originalRecipient = "Ann@EXAMPLE.org"
    _ = try perform(report, in: site)
    #expect(try mail(in: site).state == .bounced)
    #expect(try site.store.bounce(suppressing: site.store.account("ann@example.org")) != nil)
  }

  @Test func `a forwarded mail bounces by the returned header, and the address stays usable`()
    throws
  {
    let site = try site()
    var report = try report(in: site)
    report.finalRecipient = "ann.smith@other.example"
    report.returned = ["To: ann@example.org"]
    _ = try perform(report, in: site)
    #expect(try mail(in: site).state == .bounced)
    // Its mailbox may have kept a copy.
    #expect(try site.store.bounce(suppressing: site.store.account("ann@example.org")) == nil)
  }

  @Test(
    arguments: [
      ("5.1.1", "failed", .bounced, true), ("5.1.10", "failed", .bounced, true),
      ("5.4.4", "failed", .bounced, true), ("5.4.1", "failed", .bounced, true),
      ("5.2.1", "failed", .bounced, false), ("5.2.2", "failed", .bounced, false),
      ("5.5.0", "failed", .bounced, false), ("5.0.0", "failed", .bounced, false),
      ("5.7.1", "failed", .declined, false), ("5.7.26", "failed", .declined, false),
      ("5.1.8", "failed", .declined, false), ("4.4.1", "failed", .delayed, false),
      ("4.7.0", "delayed", .delayed, false), ("5.1.1", "delayed", .delayed, false),
    ] as [(String, String, BounceRecord.Result, Bool)])
  func `the status decides`(
    _ status: String, action: String, expected: BounceRecord.Result, suppresses: Bool
  ) throws {
    let site = try site()
    var report = try report(in: site)
    (report.status, report.action, report.diagnostic) = (status, action, nil)
    guard case .recorded(let record) = try perform(report, in: site) else {
      Issue.record("not recorded")
      return
    }
    #expect(record.result == expected)
    #expect(record.suppresses == suppresses)
    #expect(try mail(in: site).state == (expected == .bounced ? .bounced : .sent))
  }

  @Test func `a delay is followed by a bounce`() throws {
    let site = try site()
    var report = try report(in: site)
    report.action = "delayed"
    _ = try perform(report, in: site)
    report.action = "failed"
    _ = try perform(report, in: site)
    #expect(try mail(in: site).state == .bounced)
    #expect(
      try site.store.bounces(of: MailID(rawValue: 1)).map(\.result) == [.delayed, .bounced])
  }

  @Test(arguments: ["delivered", "relayed", "expanded"])
  func `a success is not recorded`(_ action: String) throws {
    let site = try site()
    var report = try report(in: site)
    report.action = action
    #expect(try perform(report, in: site) == .noFailure(MailID(rawValue: 1)))
    #expect(try count(in: site) == 0)
  }

  @Test func `a token that a server quotes is hidden`() throws {
    let site = try site()
    let token = try String(decoding: site.token("ann@example.org").raw, as: UTF8.self)
    var report = try report(in: site)
    report.diagnostic = "smtp; 550 5.1.1 no https://app.example/confirm/\(token) here"
    _ = try perform(report, in: site)
    let signature = try #require(token.split(separator: ".").last)
    let reply = try #require(try mail(in: site).lastReply)
    #expect(!reply.contains(signature.dropFirst(6)))
    #expect(reply.hasSuffix(" here"))
  }

  @Test func `long words are cut`() throws {
    let site = try site()
    var report = try report(in: site)
    report.diagnostic = "smtp; 550 5.1.1 \(String(repeating: "no ", count: 1000))"
    _ = try perform(report, in: site)
    #expect(try mail(in: site).lastReply?.utf8.count ?? 0 <= 1024)
  }

  // MARK: What does not count

  @Test(arguments: [
    "1.1795424400.000000000000000000000000", "2.1795424400.000000000000000000000000", "1", "", "1.",
    "99999999999999999999.1.ab",
  ])
  func `a report for a mail that was never sent changes nothing`(_ envelopeID: String) throws {
    let site = try site()
    var report = DeliveryReport()
    report.finalRecipient = "eve@example.org"
    report.envelopeID = envelopeID
    report.returned = ["To: ann@example.org", "X-Regctl-Mail: \(envelopeID)", "Message-ID: <1@x>"]
    #expect(try perform(report, in: site) == .foreign)
    #expect(try mail(in: site).state == .sent)
    #expect(try count(in: site) == 0)
  }

  @Test func `a report about another recipient of the mail changes nothing`() throws {
    let site = try site()
    try site.register("bob@example.org", queuesMail: false)
    var report = try report(in: site)
    for recipient in ["bob@example.org", "eve@example.org"] {
      report.finalRecipient = recipient
      #expect(try perform(report, in: site) == .foreign)
    }
    #expect(try mail(in: site).state == .sent)
  }

  @Test func `a report that names only a recipient is kept and changes nothing`() throws {
    let site = try site()
    guard case .recorded(let record) = try perform(DeliveryReport(), in: site) else {
      Issue.record("not recorded")
      return
    }
    #expect(record.result == .unverified)
    #expect(record.mail == nil)
    #expect(!record.suppresses)
    #expect(try mail(in: site).state == .sent)
    #expect(try perform(DeliveryReport(), in: site) == .known(record))
    for number in 1...30 {
      var report = DeliveryReport()
      report.diagnostic = "smtp; 550 \(number)"
      _ = try perform(report, in: site)
    }
    #expect(try count(in: site) == 10)
  }

  @Test func `a recipient that was never mailed is not kept`() throws {
    let site = try Site()
    try site.register("ann@example.org", queuesMail: false)
    #expect(try perform(DeliveryReport(), in: site) == .foreign)
  }

  @Test func `a mail that is being sent is for later`() throws {
    let site = try site()
    try site.store.requeue(MailID(rawValue: 1), at: site.now)
    _ = try site.store.beginAttempts([MailID(rawValue: 1)])
    #expect(throws: RegctlError.mail(.underWay(MailID(rawValue: 1)))) {
      try perform(report(in: site), in: site)
    }
  }

  @Test(arguments: [OutboxEntry.State.failed, .cancelled, .expired])
  func `a mail that was not sent does not bounce`(_ state: OutboxEntry.State) throws {
    let site = try site()
    try site.store.finish(MailID(rawValue: 1), as: state, reply: nil, at: site.now)
    #expect(try perform(report(in: site), in: site) == .noFailure(MailID(rawValue: 1)))
    #expect(try mail(in: site).state == state)
  }

  @Test func `an address that was confirmed meanwhile is not suppressed`() throws {
    let site = try site()
    try site.confirmByHand("ann@example.org")
    _ = try perform(report(in: site), in: site)
    #expect(try mail(in: site).state == .bounced)
    #expect(try site.store.bounce(suppressing: site.store.account("ann@example.org")) == nil)
  }

  @Test func `other mail is no report`() {
    #expect(Bounce(Array("Subject: hello\n\nHello\n".utf8)) == nil)
    #expect(Bounce([UInt8](repeating: 0x41, count: Bounce.maximumByteCount + 1)) == nil)
  }

  // MARK: The ledger

  private func resend(in site: Site, force: Bool = false) throws -> Resend.Effect {
    try Resend(site.configuration(), force: force, revokesPrevious: false)
      .perform("ann@example.org", in: site.store, at: site.now, by: Site.actor)
  }

  @Test func `a resend to an address that bounced is refused without force`() throws {
    let site = try site()
    guard case .recorded(let record) = try perform(report(in: site), in: site) else {
      Issue.record("not recorded")
      return
    }
    site.now = site.now + .seconds(600)
    let refusal = RegctlError.account(.bounced(email: "ann@example.org", record))
    #expect(throws: refusal) { try resend(in: site) }
    _ = try resend(in: site, force: true)
    #expect(try site.acts(on: "ann@example.org") == [.register, .resendForced])
  }

  @Test func `a resend to all skips it`() throws {
    let site = try site()
    _ = try perform(report(in: site), in: site)
    site.now = site.now + .seconds(600)
    var bulk = try BulkResend(
      site.configuration(), campaign: nil, rate: nil, at: site.now, by: Site.actor)
    let accounts = try site.store.accounts(
      after: nil, matching: AccountFilter(), limit: 10)
    #expect(try bulk.perform(accounts, in: site.store).map(\.skipReason) == [.bounced])
  }

  @Test func `a confirmation takes it off the ledger`() throws {
    let site = try site()
    _ = try perform(report(in: site), in: site)
    try site.confirmByHand("ann@example.org")
    #expect(try site.store.bounces(of: MailID(rawValue: 1)).map(\.clearedAt) == [site.now])
  }

  @Test func `another address takes it off the ledger`() throws {
    let site = try site()
    _ = try perform(report(in: site), in: site)
    try site.requestEmailChange("ann@example.org", to: "ann@example.net")
    #expect(try site.store.bounces(of: MailID(rawValue: 1)).map(\.isOnLedger) == [false])
  }

  @Test func `a new registration with the address begins without it`() throws {
    let site = try site()
    _ = try perform(report(in: site), in: site)
    _ = try DeleteAccount.perform(
      "ann@example.org", reason: "left", force: false, in: site.store, at: site.now, by: Site.actor)
    let ann = try site.register("ann@example.org")
    #expect(try site.store.bounce(suppressing: ann) == nil)
    site.now = site.now + .seconds(600)
    _ = try resend(in: site)
  }
}
