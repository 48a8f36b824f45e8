import Glibc
import System
import TestSupport
import Testing

@testable import RegctlCore

@Suite("WaitingDelivery") struct WaitingDeliveryTests {
  private let site: Site

  init() throws { site = try Site() }

  private func run(
    limit: Int = .max, for time: Duration = .seconds(60), within timeLimit: Duration? = nil,
    watchedBy watch: @escaping DeliveryWatch = { _ in true }
  ) throws -> DeliverySummary {
    let delivery = try WaitingDelivery(
      store: site.store, configuration: site.configuration(), uid: geteuid(), output: { _ in })
    return try delivery.run(
      limit: limit, for: time, within: timeLimit, watchedBy: watch, clock: { site.now })
  }

  @Test func `what is due is sent, and the time passes`() throws {
    try site.register("ann@example.org")
    let start = ContinuousClock.now
    #expect(try run(for: .milliseconds(300)).count(.sent) == 1)
    #expect(start.duration(to: .now) >= .milliseconds(300))
  }

  @Test func `a mail that is queued meanwhile is sent`() throws {
    let other = try site.open(for: .writing)
    var calls = 0
    let summary = try run(watchedBy: { summary in
      calls += 1
      if calls == 3 {
        // The watch does not throw; without the account the test fails.
        _ = try? Register.perform(
          EmailAddress("ann@example.org"), .unusable, queuesMail: true,
          messageDomain: "app.example", in: other, at: site.now, by: Site.actor)
      }
      return summary.count(.sent) == 0
    })
    #expect(summary.count(.sent) == 1)
  }

  @Test func `the limit counts the mails of all passes`() throws {
    try site.register("ann@example.org")
    let other = try site.open(for: .writing)
    var isRegistered = false
    let summary = try run(
      limit: 2,
      watchedBy: { summary in
        if summary.count(.sent) == 1, !isRegistered {
          isRegistered = true
          for name in ["bob", "eve"] {
            _ = try? Register.perform(
              EmailAddress("\(name)@example.org"), .unusable, queuesMail: true,
              messageDomain: "app.example", in: other, at: site.now, by: Site.actor)
          }
        }
        return true
      })
    #expect(summary.count(.sent) == 2)
    #expect(try site.store.hasWork(at: site.now))
  }

  @Test func `the time limit ends the wait too`() throws {
    #expect(try run(within: .milliseconds(200)).results.isEmpty)
  }

  @Test func `while another process delivers it waits, and at the end that is an error`() throws {
    try site.register("ann@example.org")
    let other = try site.open(for: .writing)
    let right = try other.deliveryRight()
    #expect {
      try run(for: .milliseconds(1200))
    } throws: { error in
      guard case .delivery(.running) = error as? RegctlError else { return false }
      return true
    }
    right.release()
    #expect(try run(limit: 1).count(.sent) == 1)
  }

  @Test func `an unavailable transport ends it`() throws {
    try site.register("ann@example.org")
    let delivery = try WaitingDelivery(
      store: site.store,
      configuration: site.configuration(["maildir_path": "/dev/null/Maildir"]),
      uid: geteuid(), output: { _ in })
    #expect(throws: RegctlError.self) {
      let summary = try delivery.run(
        limit: .max, for: .seconds(60), within: nil, watchedBy: { _ in true }, clock: { site.now })
      if let fault = summary.stopped { throw RegctlError.delivery(fault) }
    }
    #expect(try site.store.mail(MailID(rawValue: 1))?.state == .queued)
  }

  @Test func `of each mail the last result counts`() {
    func summary(_ results: (Int64, OutboxEntry.State)...) -> DeliverySummary {
      var summary = DeliverySummary()
      summary.results = results.map {
        DeliverySummary.MailResult(id: MailID(rawValue: $0.0), state: $0.1)
      }
      return summary
    }
    #expect(
      summary((1, .queued), (2, .sent)).followed(by: summary((3, .sent), (1, .sent)))
        == summary((2, .sent), (3, .sent), (1, .sent)))
  }
}
