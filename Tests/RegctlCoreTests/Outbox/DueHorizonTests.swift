import Testing

@testable import RegctlCore

@Suite("DueHorizon") struct DueHorizonTests {
  private let start = Instant(seconds: 1_795_424_400) + .milliseconds(300)

  private func extends(
    _ horizon: inout DueHorizon, _ due: Instant?, at now: Instant
  ) -> Bool {
    horizon.extend(to: due, at: now)
  }

  @Test func `it begins at the start, without a wait`() {
    let horizon = DueHorizon(start: start)
    #expect(horizon.moment == start)
    #expect(!horizon.isWaiting)
  }

  @Test(arguments: [1, 700, 1000])
  func `it extends to a mail within the next second`(_ milliseconds: Int) {
    var horizon = DueHorizon(start: start)
    #expect(extends(&horizon, start + .milliseconds(milliseconds), at: start))
    #expect(horizon.moment == start + .seconds(1))
  }

  @Test(arguments: [-5000, 0, 1001, 60_000])
  func `it extends to no other mail`(_ milliseconds: Int) {
    var horizon = DueHorizon(start: start)
    #expect(!extends(&horizon, start + .milliseconds(milliseconds), at: start))
    #expect(!extends(&horizon, nil, at: start))
    #expect(horizon.moment == start)
  }

  @Test func `it extends once`() {
    var horizon = DueHorizon(start: start)
    #expect(extends(&horizon, start + .milliseconds(1), at: start))
    #expect(!extends(&horizon, start + .milliseconds(1001), at: start))
  }

  @Test func `the wait ends when the mail is due`() {
    var horizon = DueHorizon(start: start)
    #expect(extends(&horizon, start + .milliseconds(20), at: start))
    horizon.sleep(atMost: .seconds(60))
    #expect(!horizon.isWaiting)
  }

  @Test func `a clock that is set back makes the wait no longer than a second`() {
    var horizon = DueHorizon(start: start)
    #expect(extends(&horizon, start + .milliseconds(20), at: start - .seconds(3600)))
    horizon.sleep(atMost: .seconds(60))
    #expect(!horizon.isWaiting)
  }
}
