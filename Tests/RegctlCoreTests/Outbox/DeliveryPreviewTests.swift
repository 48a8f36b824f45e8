import Glibc
import Testing

@testable import RegctlCore

@Suite("DeliveryPreview") struct DeliveryPreviewTests {
  private let site: Site

  init() throws { site = try Site() }

  /// The preview of a pass at this time, one page at a time.
  private func preview(limit: Int = 100) throws -> [DeliveryPreview.Mail] {
    let preview = try DeliveryPreview(
      store: site.store, configuration: site.configuration(), uid: geteuid())
    var mails: [DeliveryPreview.Mail] = []
    while true {
      let page = try preview.mails(after: mails.last, at: site.now, limit: limit)
      if page.isEmpty { return mails }
      mails += page
    }
  }

  @Test func `a due mail would be sent`() throws {
    try site.register("ann@x.org")
    let mails = try preview()
    #expect(mails.map(\.entry.email) == ["ann@x.org"])
    #expect(mails.map(\.state) == [.sent])
    #expect(mails.map(\.reason) == [nil])
  }

  @Test func `a mail that is not due within a second is not listed`() throws {
    try site.register("ann@x.org")
    site.now = site.now - .seconds(1)
    #expect(try preview().count == 1)
    site.now = site.now - .milliseconds(1)
    #expect(try preview().isEmpty)
  }

  @Test func `a finished mail is not listed`() throws {
    try site.register("ann@x.org")
    try site.store.finish(MailID(rawValue: 1), as: .sent, reply: nil, at: site.now)
    #expect(try preview().isEmpty)
  }

  @Test func `a mail that would not be sent has the reason`() throws {
    try site.register("ann@x.org")
    try site.register("bob@x.org")
    try site.confirmByHand("ann@x.org")
    site.now = site.now + .seconds(172_801)
    let mails = try preview()
    #expect(mails.map(\.state) == [.cancelled, .expired])
    #expect(mails.map(\.reason) == ["the account was confirmed", "not accepted in time"])
  }

  @Test(arguments: [1, 2, 3, 5, 6])
  func `the preview is paged`(_ limit: Int) throws {
    for number in 1...5 { try site.register("ann\(number)@x.org") }
    #expect(try preview(limit: limit).map(\.entry.id.rawValue) == [1, 2, 3, 4, 5])
  }

  @Test func `nothing is changed`() throws {
    try site.register("ann@x.org")
    try site.register("bob@x.org")
    try site.confirmByHand("ann@x.org")
    let before = try site.store.mails(
      after: nil, matching: OutboxFilter(), limit: 10)
    _ = try preview()
    #expect(
      try site.store.mails(after: nil, matching: OutboxFilter(), limit: 10)
        == before)
  }
}
