import SQL
import TestSupport
import Testing

@testable import RegctlCore

@Suite("Store+Moments") struct StoreMomentsTests {
  private let site: Site

  init() throws { site = try Site() }

  private func note(_ moment: Moment, at now: Instant) throws {
    try site.store.transaction { () throws(RegctlError) in
      try site.store.set(moment, to: now)
    }
  }

  @Test func `the last time is kept, of each moment its own`() throws {
    #expect(try site.store.moment(.stoppedAlarm) == nil)
    try note(.stoppedAlarm, at: site.now)
    try note(.stoppedAlarm, at: site.now + .seconds(5))
    #expect(try site.store.moment(.stoppedAlarm) == site.now + .seconds(5))
    #expect(try site.store.moment(.overdueAlarm) == nil)
  }

  @Test func `without the table nothing is remembered`() throws {
    try site.store.execute("DROP TABLE regctl_moments")
    try site.store.execute("UPDATE regctl_schema SET version = 6")
    let store = try site.open(for: .writing)
    #expect(try store.moment(.stoppedAlarm) == nil)
    try store.transaction { () throws(RegctlError) in try store.set(.stoppedAlarm, to: site.now) }
    #expect(try store.moment(.stoppedAlarm) == nil)
  }
}
