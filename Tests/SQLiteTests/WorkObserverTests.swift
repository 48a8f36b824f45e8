import SQL
import SQLite
import TestSupport
import Testing

@Suite("WorkObserver") struct WorkObserverTests {
  @Test func `long work calls it again and again, and is not interrupted`() throws {
    let file = try DatabaseFile()
    let database = try file.connect()
    var calls = 0
    database.observeWork { calls += 1 }
    var count: Int64 = 0
    try database.step(
      Statement(
        sqlite: """
          WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000)
          SELECT count(*) FROM n
          """), []
    ) { row in
      count = row.integer(0)
      return true
    }
    #expect(count == 100_000)
    #expect(calls > 5)
  }

  @Test func `short work does not call it`() throws {
    let file = try DatabaseFile()
    let database = try file.connect()
    var calls = 0
    database.observeWork { calls += 1 }
    try database.execute("CREATE TABLE t (i INTEGER)")
    #expect(calls == 0)
  }
}
