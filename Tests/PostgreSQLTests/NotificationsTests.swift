import PostgreSQL
import SQL
import TestSupport
import Testing

@Suite("PostgreSQLDatabase+Notifications") struct NotificationsTests {
  /// Notifications stay in their database.
  private let database: TemporaryDatabase
  private let listener: PostgreSQLDatabase
  private let other: PostgreSQLDatabase

  init() throws {
    database = try TemporaryDatabase()
    listener = try database.connect()
    other = try database.connect()
    try listener.listen(to: "regctl_test")
  }

  /// Long enough for a busy machine; a wait ends before that when there is something.
  private var later: ContinuousClock.Instant { .now + .seconds(60) }

  @Test func `a notification comes with the commit`() throws {
    try other.begin()
    try other.run("SELECT pg_notify('regctl_test', '')")
    #expect(try !listener.awaitNotification(until: .now + .milliseconds(20)))
    try other.commit()
    #expect(try listener.awaitNotification(until: later))
    #expect(try !listener.awaitNotification(until: .now))
  }

  @Test func `one that came with an answer is not lost`() throws {
    try other.run("SELECT pg_notify('regctl_test', '')")
    // The server sends what has come before the answer to a statement.
    #expect(try listener.first("SELECT 1") { $0.integer(0) } == 1)
    #expect(try listener.first("SELECT 2") { $0.integer(0) } == 2)
    #expect(try listener.awaitNotification(until: later))
  }

  @Test func `what is rolled back, or is for another channel, does not come`() throws {
    try other.begin()
    try other.run("SELECT pg_notify('regctl_test', '')")
    other.rollBack()
    try other.run("SELECT pg_notify('regctl_other', '')")
    #expect(try !listener.awaitNotification(until: .now + .milliseconds(50)))
  }

  @Test func `a lost connection ends the wait`() throws {
    let number = try listener.first("SELECT pg_backend_pid()") { $0.integer(0) }
    try other.run("SELECT pg_terminate_backend($1::int)", .integer(try #require(number)))
    #expect {
      while try !listener.awaitNotification(until: later) {}
    } throws: { error in
      guard case .unavailable = error as? DatabaseError else { return false }
      return true
    }
  }
}
