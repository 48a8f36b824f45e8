import SQL
import TestSupport
import Testing

@testable import RegctlCore

@Suite("OutboxControl") struct OutboxControlTests {
  /// A site with mails to Ann: sent, failed and queued.
  private func site() throws -> Site {
    let site = try Site()
    let ann = try site.register("ann@x.org", queuesMail: false)
    for state in ["sent", "failed", "queued"] {
      let id = try site.store.enqueue(
        .confirm, to: ann, at: site.now, due: site.now, messageDomain: nil)
      try site.store.run(
        "UPDATE regctl_outbox SET state = $1 WHERE id = $2", .text(state), .integer(id.rawValue))
    }
    return site
  }

  private func control(_ site: Site) -> OutboxControl {
    OutboxControl(in: site.store, at: site.now, by: Site.actor)
  }

  @Test(arguments: ["ANN@x.org", "1"])
  func `the only mail to which it applies is meant by the account`(_ word: String) throws {
    let site = try site()
    #expect(try control(site).cancel(.account(word)).state == .queued)
    #expect(try site.store.newestMail(ofAccount: word).state == .cancelled)
  }

  @Test func `of several mails none is chosen`() throws {
    let site = try site()
    #expect(throws: RegctlError.mail(.severalEligible(email: "ann@x.org", count: 2))) {
      try control(site).retry(.account("ann@x.org"))
    }
  }

  @Test func `with none, the states of the mails are known`() throws {
    let site = try site()
    _ = try control(site).cancel(.account("ann@x.org"))
    #expect(
      throws: RegctlError.mail(
        .noneEligible(email: "ann@x.org", [.sent, .failed, .cancelled]))
    ) { try control(site).cancel(.account("ann@x.org")) }
  }

  @Test func `an account without mails has no newest one`() throws {
    let site = try Site()
    try site.register("ann@x.org", queuesMail: false)
    #expect(throws: RegctlError.mail(.noneEligible(email: "ann@x.org", []))) {
      try site.store.newestMail(ofAccount: "ann@x.org")
    }
  }
}
