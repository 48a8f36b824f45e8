import Glibc
import System
import Testing

@testable import RegctlCore

@Suite("SenderRecords") struct SenderRecordsTests {
  /// A name server with the records of some names.
  private func findings(
    of sender: String, envelope: String? = nil, in records: [String: [String]],
    failing: Set<String> = []
  ) throws -> [SenderFinding] {
    var settings = [
      "mail_transport": "sendmail", "mail_default_sender": "Example <accounts@\(sender)>",
    ]
    settings["mail_envelope_sender"] = envelope.map { "bounces@\($0)" }
    let configuration = try ConfigurationLoader.load(settings)
    let senderRecords = SenderRecords(for: configuration) { name in
      failing.contains(name)
        ? .failed("no") : .records((records[name] ?? []).map { Array($0.utf8) })
    }
    return try #require(senderRecords).findings(within: .seconds(60))
  }

  private let good = [
    "shop.org": ["other", "v=spf1 mx -all"], "_dmarc.shop.org": ["v=DMARC1; p=none"],
  ]

  @Test func `a domain with both records has no finding`() throws {
    #expect(try findings(of: "shop.org", in: good) == [])
    // The policy of the domain above is enough; SPF is the envelope's.
    #expect(try findings(of: "mail.shop.org", envelope: "shop.org", in: good) == [])
  }

  @Test func `missing and repeated records are found`() throws {
    #expect(
      try findings(of: "a.b.shop.org", in: [:])
        == [
          .spfMissing(domain: "a.b.shop.org"),
          .dmarcMissing(
            domain: "a.b.shop.org",
            searched: ["_dmarc.a.b.shop.org", "_dmarc.b.shop.org", "_dmarc.shop.org"]),
        ])
    let twice = [
      "shop.org": ["v=spf1 -all", "v=spf1 mx"], "_dmarc.shop.org": ["v=DMARC1", "v=DMARC1"],
    ]
    #expect(
      try findings(of: "shop.org", in: twice)
        == [
          .spfRepeated(domain: "shop.org", count: 2),
          .dmarcRepeated(domain: "_dmarc.shop.org", count: 2),
        ])
    #expect(
      try findings(of: "shop.org", in: good.merging(["shop.org": ["v=spf1 +all"]]) { $1 })
        == [.spfOpen(domain: "shop.org")])
  }

  @Test func `international domains are asked for in A-labels`() throws {
    #expect(
      try findings(of: "bücher.org", in: [:]).first == .spfMissing(domain: "xn--bcher-kva.org"))
  }

  @Test func `what could not be looked up is no fault of the domain`() throws {
    #expect(
      try findings(of: "shop.org", in: good, failing: ["shop.org", "_dmarc.shop.org"])
        == [
          .notLookedUp(name: "shop.org", reason: "no"),
          .notLookedUp(name: "_dmarc.shop.org", reason: "no"),
        ])
  }

  @Test func `the time limit is for all lookups together`() throws {
    let configuration = try ConfigurationLoader.load([
      "mail_transport": "sendmail", "mail_default_sender": "accounts@shop.org",
    ])
    let records = try #require(
      SenderRecords(for: configuration) { _ in
        // Longer than the limit, and ended with the process.
        sleep(30)
        return .records([])
      })
    let start = ContinuousClock.now
    #expect(
      records.findings(within: .milliseconds(200))
        == [
          .notLookedUp(name: "shop.org", reason: "no answer in time"),
          .notLookedUp(name: "_dmarc.shop.org", reason: "no answer in time"),
        ])
    #expect(ContinuousClock.now - start < .seconds(5))
  }

  @Test(arguments: [
    "app.example", "mail.test", "x.invalid", "my.localhost", "host.local", "a.internal",
  ])
  func `a domain outside of DNS is not looked up`(_ domain: String) throws {
    let configuration = try ConfigurationLoader.load([
      "mail_transport": "smtp", "mail_server": "127.0.0.1", "mail_default_sender": "a@\(domain)",
    ])
    #expect(SenderRecords(for: configuration) { _ in .records([]) } == nil)
  }

  @Test(arguments: [("maildir", false), ("stdout", false), ("smtp", true), ("sendmail", true)])
  func `only mail that leaves the machine is judged`(_ transport: String, isJudged: Bool) throws {
    let configuration = try ConfigurationLoader.load([
      "mail_transport": transport, "mail_server": "127.0.0.1", "mail_default_sender": "a@shop.org",
    ])
    #expect((SenderRecords(for: configuration) { _ in .records([]) } != nil) == isJudged)
  }
}
