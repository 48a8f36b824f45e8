import SQL
import TestSupport
import Testing

@testable import RegctlCore

@Suite("Store+Archive") struct StoreArchiveTests {
  private let site: Site

  init() throws { site = try Site() }

  /// Archives accounts in a run of their own, or deletes the only one.
  @discardableResult
  private func prune(_ names: String...) throws -> Int64 {
    let ids = try names.map { try site.register("\($0)@example.org").id }
    return try site.store.transaction { () throws(RegctlError) in
      let run = try site.store.beginPruneRun(cutoff: site.now, at: site.now, by: Site.actor)
      _ = try site.store.archive(ids, run: run, at: site.now)
      return run
    }
  }

  private func emails(
    of run: Int64, named email: String? = nil, after last: ListPlace? = nil,
    order: RowOrder = .oldestFirst, limit: Int = 9
  ) throws -> [String] {
    try site.store.archived(
      in: run, email: email, after: last, order: order, limit: limit
    ).map(\.email)
  }

  private func place(_ number: Int64) -> ListPlace { ListPlace(value: .null, number: number) }

  @Test func `accounts of a run are read in pages, in every order`() throws {
    let run = try prune("ann", "bob", "eve")
    let all = ["ann@example.org", "bob@example.org", "eve@example.org"]
    #expect(try emails(of: run) == all)
    #expect(try emails(of: run, limit: 2) == Array(all[..<2]))
    #expect(try emails(of: run, after: place(1)) == Array(all[1...]))
    #expect(try emails(of: run, order: .newestFirst, limit: 2) == [all[2], all[1]])
    #expect(try emails(of: run, after: place(-2), order: .newestFirst) == [all[0]])
    #expect(try emails(of: run + 1) == [])
    let bob = ListPlace(value: .text(all[1]), number: 2)
    #expect(try emails(of: run, order: .email, limit: 2) == Array(all[..<2]))
    #expect(try emails(of: run, after: bob, order: .email) == [all[2]])
  }

  @Test func `an address is found without regard to case`() throws {
    let run = try prune("ann", "bob")
    #expect(try emails(of: run, named: "BOB@Example.org") == ["bob@example.org"])
  }

  @Test func `an account has what it had in the table`() throws {
    let ann = try site.register("ann@example.org")
    try site.confirmByHand("ann@example.org")
    _ = try DeleteAccount.perform(
      "ann@example.org", reason: "left", force: false, in: site.store, at: site.now,
      by: Site.actor)
    let runs = try site.store.archiveRuns(ofDeletions: true)
    #expect(runs.count == 1)
    let found = try #require(try site.store.archived(in: runs[0], after: nil, limit: 2).first)
    #expect(found.id == ann.id)
    #expect(found.isConfirmed)
    #expect(!found.isAdmin)
    #expect(found.registeredOn == .moment(site.now))
    #expect(found.confirmedOn == .moment(site.now))
  }

  @Test func `runs and deletions are told apart, oldest first`() throws {
    let first = try prune("ann")
    for name in ["bob", "eve"] {
      try site.register("\(name)@example.org")
      _ = try DeleteAccount.perform(
        "\(name)@example.org", reason: "left", force: false, in: site.store, at: site.now,
        by: Site.actor)
    }
    let second = try prune("kim")
    #expect(try site.store.archiveRuns(ofDeletions: false) == [first, second])
    let deletions = try site.store.archiveRuns(ofDeletions: true)
    #expect(try deletions.flatMap { try emails(of: $0) } == ["bob@example.org", "eve@example.org"])
  }

  @Test func `several runs are read one after the other`() throws {
    try prune("ann", "bob")
    try prune("eve")
    func read(_ order: RowOrder, limit: Int = 9) throws -> [String] {
      let accounts = try ArchivedAccounts(
        deleted: false, in: site.store, matching: PruneFilter(), order: order, limit: limit)
      var found: [String] = []
      while let batch = try accounts.next() { found += batch.map { String($0.email.prefix(3)) } }
      return found
    }
    #expect(try read(.oldestFirst) == ["ann", "bob", "eve"])
    #expect(try read(.newestFirst) == ["eve", "bob", "ann"])
    #expect(try read(.newestFirst, limit: 2) == ["eve", "bob"])
  }
}
