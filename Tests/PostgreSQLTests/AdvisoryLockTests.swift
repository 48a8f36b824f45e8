import PostgreSQL
import SQL
import TestSupport
import Testing

@Suite("PostgreSQLDatabase+AdvisoryLock") struct AdvisoryLockTests {
  @Test(arguments: [Int64.min, -1, 0x1234_5678_9abc_def0])
  func `one session has a lock until it gives it back`(_ key: Int64) throws {
    let server = try PostgreSQLServer.shared()
    let (one, other) = (try server.connect(), try server.connect())
    #expect(try !one.holdsAdvisoryLock(key))
    #expect(try one.tryAdvisoryLock(key))
    #expect(try one.holdsAdvisoryLock(key))
    #expect(try !other.holdsAdvisoryLock(key))
    #expect(try !other.tryAdvisoryLock(key))
    try one.releaseAdvisoryLock(key)
    #expect(try !one.holdsAdvisoryLock(key))
    #expect(try other.tryAdvisoryLock(key))
  }

  @Test func `the lock of an ended session is free`() throws {
    let server = try PostgreSQLServer.shared()
    let other = try server.connect()
    do {
      #expect(try server.connect().tryAdvisoryLock(77))
    }
    // The server notices a moment later.
    let limit = ContinuousClock.now + .seconds(10)
    var isFree = false
    while !isFree, ContinuousClock.now < limit { isFree = try other.tryAdvisoryLock(77) }
    #expect(isFree)
  }

  @Test func `a lock that was taken away is missed`() throws {
    let database = try PostgreSQLServer.shared().connect()
    #expect(try database.tryAdvisoryLock(78))
    try database.execute("SELECT pg_advisory_unlock_all()")
    #expect(try !database.holdsAdvisoryLock(78))
  }
}
