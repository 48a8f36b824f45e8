import PostgreSQL
import SQL
import TestSupport
import Testing

@testable import RegctlCore

@Suite("DeliveryRight") struct DeliveryRightTests {
  @Test func `on a server one session delivers, until it gives the right back`() throws {
    let site = try Site(on: .postgresql)
    let other = try site.open(for: .writing)
    let right = try site.store.deliveryRight()
    try site.store.requireDeliveryRight()
    #expect(throws: RegctlError.delivery(.running(lock: site.location.text))) {
      _ = try other.deliveryRight()
    }
    #expect(throws: RegctlError.delivery(.pooled(site.location.text))) {
      try other.requireDeliveryRight()
    }
    right.release()
    try other.deliveryRight().release()
  }

  @Test func `the right of a session that was ended is free`() throws {
    let site = try Site(on: .postgresql)
    let right = try site.store.deliveryRight()
    try site.endSessions()
    let other = try site.open(for: .writing)
    try other.deliveryRight().release()
    #expect {
      try site.store.requireDeliveryRight()
    } throws: { error in
      guard case .store(.connectionLost) = error as? RegctlError else { return false }
      return true
    }
    right.release()
  }

  @Test func `behind a pooler it is refused`() throws {
    let site = try Site(on: .postgresql)
    let name = try #require(site.database?.name)
    let pooler = try Pooler(before: .shared())
    let location = try DatabaseLocation(
      "postgresql://postgres@127.0.0.1:\(pooler.port)/\(name)?sslmode=disable")
    let store = try Store.open(location, for: .writing, busyTimeout: .seconds(5))
    #expect(throws: RegctlError.delivery(.pooled(location.text))) {
      _ = try store.deliveryRight()
    }
  }

  @Test func `on a file it is the lock beside it`() throws {
    let site = try Site(on: .sqlite)
    let right = try site.store.deliveryRight()
    try site.store.requireDeliveryRight()
    #expect(throws: RegctlError.delivery(.running(lock: "\(site.path).deliver.lock"))) {
      _ = try DeliveryLock(beside: site.path)
    }
    right.release()
    try DeliveryLock(beside: site.path).release()
  }
}

extension Site {
  /// Ends all sessions of the database on the server, as an administrator may.
  func endSessions() throws {
    guard let database else { return }
    try PostgreSQLServer.shared().connect().run(
      """
      SELECT count(*) FROM (
        SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = $1
      ) AS ended
      """, .text(database.name))
  }
}
