import Testing

@testable import RegctlCore

@Suite("AccountDate") struct AccountDateTests {
  private static let instant = Instant(seconds: 1_795_424_400)

  @Test func `a local time is shown without a zone`() {
    let (moment, local) = (AccountDate.moment(Self.instant), AccountDate.local(Self.instant))
    #expect([moment.rfc3339, local.rfc3339] == ["2026-11-23T09:00:00Z", "2026-11-23T09:00:00"])
  }

  @Test func `a local time may be fourteen hours later`() {
    #expect(AccountDate.moment(Self.instant).latest == Self.instant)
    #expect(AccountDate.local(Self.instant).latest == Self.instant + .seconds(14 * 3600))
    #expect(AccountDate.local(Self.instant).moment == nil)
  }

  @Test(arguments: [
    ("2026-11-23T09:00:00Z", AccountDate.moment(instant)),
    ("2026-11-23T10:00:00+01:00", .moment(instant)), ("2026-11-23T09:00:00", .local(instant)),
    ("yesterday", nil),
  ])
  func `a text without an offset is a local time`(_ text: String, expected: AccountDate?) {
    #expect(AccountDate(parsing: text) == expected)
  }
}
