import SQL
import TestSupport
import Testing

@testable import RegctlCore

@Suite("DeliveryAlarm") struct DeliveryAlarmTests {
  private let site: Site
  private let configuration: Configuration

  init() throws {
    site = try Site()
    configuration = try site.configuration()
  }

  private func report(
    _ summary: DeliverySummary?, at seconds: Int64 = 0
  ) throws -> DeliveryAlarm.Report {
    try DeliveryAlarm.report(
      after: summary, in: site.store, configuration, at: site.now + .seconds(seconds))
  }

  /// A pass that left mails in states, each to an account of its own.
  private func pass(_ states: [(OutboxEntry.State, reply: String?)]) throws -> DeliverySummary {
    var summary = DeliverySummary()
    for (number, (state, reply)) in states.enumerated() {
      try site.register("user\(number)@example.org")
      let id = MailID(rawValue: Int64(number + 1))
      if state.isFinal { try site.store.finish(id, as: state, reply: reply, at: site.now) }
      summary.results.append(DeliverySummary.MailResult(id: id, state: state))
    }
    return summary
  }

  private func refused(_ count: Int, of total: Int) throws -> DeliverySummary {
    try pass(
      Array(repeating: (.failed, "550 5.1.1 no such user"), count: count)
        + Array(repeating: (.sent, "250 ok"), count: total - count))
  }

  // MARK: Without an alarm

  @Test func `an empty pass, a deferral and another deliverer are silent`() throws {
    #expect(try report(DeliverySummary()) == DeliveryAlarm.Report())
    #expect(try report(nil) == DeliveryAlarm.Report())
    let deferred = try pass([(.queued, nil)])
    #expect(try report(deferred) == DeliveryAlarm.Report())
  }

  @Test(arguments: [(1, 1), (10, 19), (1, 20), (2, 40)])
  func `few refused mails, or a share that is usual, are silent`(_ count: Int, of total: Int) throws
  {
    let summary = try refused(count, of: total)
    #expect(try report(summary).raised == [])
  }

  @Test(arguments: ["452 4.2.2 over quota", "450 4.1.1 no such user now"])
  func `a mail that expires for its recipient's fault is silent`(_ reply: String) throws {
    let summary = try pass([(.expired, reply)])
    #expect(try report(summary) == DeliveryAlarm.Report())
  }

  // MARK: Alarms

  @Test func `a server that cannot be used is an alarm`() throws {
    var summary = DeliverySummary()
    summary.stopped = .unavailable(reason: "connection refused")
    #expect(try report(summary).raised == [.stopped(.unavailable(reason: "connection refused"))])
  }

  @Test(arguments: [nil, DeliverySummary()])
  func `mail that has been due for longer than an hour is an alarm`(_ summary: DeliverySummary?)
    throws
  {
    try site.register("ann@example.org")
    #expect(try report(summary, at: 3600) == DeliveryAlarm.Report())
    #expect(try report(summary, at: 3601).raised == [.overdue(since: site.now)])
  }

  @Test(arguments: ["421 4.3.2 shutting down", "451 4.7.1 greylisted", nil])
  func `a mail that expires for another reason is an alarm`(_ reply: String?) throws {
    let summary = try pass([(.expired, reply)])
    #expect(try report(summary).raised == [.expired(count: 1)])
  }

  @Test func `more than 5 percent of at least 20 refused mails are an alarm`() throws {
    let summary = try refused(2, of: 39)
    #expect(try report(summary).raised == [.refused(count: 2, of: 39)])
  }

  @Test func `mails of the day before do not count`() throws {
    let summary = try refused(20, of: 20)
    #expect(try report(summary, at: 86_401).raised == [])
  }

  // MARK: Once an hour

  @Test func `an alarm is raised once an hour`() throws {
    var summary = DeliverySummary()
    summary.stopped = .unavailable(reason: "down")
    let raised = try (0...125).filter { minute in
      let report = try report(summary, at: Int64(minute) * 60)
      #expect(report.raised.isEmpty == report.hasMuted)
      return !report.raised.isEmpty
    }
    #expect(raised == [0, 60, 120])
  }

  @Test func `another alarm is not silenced`() throws {
    var summary = DeliverySummary()
    summary.stopped = .unavailable(reason: "down")
    _ = try report(summary)
    let expired = try pass([(.expired, nil)])
    let report = try report(expired, at: 60)
    #expect(report.raised == [.expired(count: 1)])
    #expect(!report.hasMuted)
  }

  @Test func `a moment in the future silences nothing`() throws {
    var summary = DeliverySummary()
    summary.stopped = .unavailable(reason: "down")
    _ = try report(summary, at: 86_400)
    #expect(try report(summary).raised.count == 1)
  }
}
