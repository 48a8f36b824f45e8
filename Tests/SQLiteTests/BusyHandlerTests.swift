import SQL
import SQLite
import TestSupport
import Testing

@Suite("BusyHandler") struct BusyHandlerTests {
  @Test(arguments: [Duration.zero, .milliseconds(30)])
  func `a wait for a held lock lasts as long as configured`(_ timeout: Duration) throws {
    let database = try DatabaseFile()
    let holder = try database.connect()
    try holder.execute("BEGIN IMMEDIATE")
    let other = try database.connect(busyTimeout: timeout)
    var error: DatabaseError?
    let waited = ContinuousClock().measure {
      error = #expect(throws: DatabaseError.self) { try other.execute("BEGIN IMMEDIATE") }
    }
    #expect(error == .busy)
    #expect(waited >= timeout)
  }

  @Test func `each lock has its own wait`() throws {
    let database = try DatabaseFile()
    let holder = try database.connect()
    let other = try database.connect(busyTimeout: .milliseconds(10))
    for _ in 0..<2 {
      try holder.execute("BEGIN IMMEDIATE")
      #expect(throws: DatabaseError.self) { try other.execute("BEGIN IMMEDIATE") }
      try holder.execute("COMMIT")
      try other.execute("BEGIN IMMEDIATE; COMMIT")
    }
  }
}
