import SQL
import System
import TestSupport
import Testing

@testable import RegctlCore

@Suite("Store+Copying") struct StoreCopyingTests: CopiedSites {
  @Test func `others cannot write to the source while it is copied`() throws {
    for engine in [TestEngine.sqlite, .postgresql] {
      let site = try populated(engine)
      let other = try site.open(for: .writing)
      let error = try refusal {
        try site.store.inOneState(excludingWriters: true) { () throws(RegctlError) in
          _ = try Confirm.byOperator(
            "dee@x.org", reason: "called", in: other, at: site.now, by: Site.actor)
        }
      }
      #expect(error == .store(.busy))
      #expect(try other.accountCount() == 4)
    }
  }

  @Test func `an existing file is not replaced`() throws {
    let site = try Site(on: .postgresql)
    let path = try site.directory.write("file", "mine")
    #expect(throws: RegctlError.store(.exists(path: path))) { _ = try move(site, to: .file(path)) }
    #expect(try FileSystem.read(path, atMost: 10) == Array("mine".utf8))
  }

  @Test func `a copy of a server has the state of its moment`() throws {
    let site = try populated(.postgresql)
    let path = "\(site.directory.path)/copy.db"
    try site.store.backUp(to: path, at: site.now)
    try site.register("late@x.org")
    #expect(try open(.file(path)).accountCount() == 4)
  }

  @Test func `a destination with accounts, or with a schema of regctl, is refused`() throws {
    let site = try populated(.sqlite)
    let taken = try prepared(
      """
      INSERT INTO users (email, password, registered_on, admin, confirmed)
      VALUES ('app@x.org', '!', now(), false, false)
      """)
    for server in [taken, try #require(Site(on: .postgresql).database)] {
      let location = try DatabaseLocation(server.address)
      let before = try server.contentHash()
      #expect(throws: RegctlError.store(.exists(path: location.text))) {
        _ = try move(site, to: location)
      }
      #expect(try server.contentHash() == before)
    }
  }
}
