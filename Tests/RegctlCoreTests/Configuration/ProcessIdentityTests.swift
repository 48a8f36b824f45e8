import Glibc
import System
import TestSupport
import Testing

@testable import RegctlCore

/// Root's switch is tested on the binary, in `Campaigns/foreign_owner`, as it is permanent.
@Suite("ProcessIdentity") struct ProcessIdentityTests {
  @Test(arguments: [geteuid(), 4711])
  func `a process keeps its user for its own database`(_ uid: UInt32) throws {
    let directory = try TemporaryDirectory()
    let identity = ProcessIdentity(uid: uid)
    let configuration = try ConfigurationLoader.load(["db": "\(directory.path)/regctl.db"])
    let worked = try identity.work(on: configuration, passwordFile: nil)
    #expect(worked.heldSecrets == nil)
    #expect(identity.uid == uid)
    #expect(identity.owner == nil)
    #expect(identity.configuration == nil)
  }

  @Test(
    .enabled(if: geteuid() == 0, "only root can make a file of another user"),
    arguments: [(0 as UInt32, true), (1000, false)])
  func `only root switches to another user`(_ uid: UInt32, becomes: Bool) throws {
    let directory = try TemporaryDirectory()
    try #require(chown(directory.path, 12_345, 0) == 0)
    let owner = try ProcessIdentity(uid: uid).owner(of: .file("\(directory.path)/regctl.db"))
    #expect((owner?.user.uid == 12_345) == becomes)
  }
}
