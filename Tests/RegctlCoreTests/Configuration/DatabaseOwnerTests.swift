import Glibc
import System
import TestSupport
import Testing

@testable import RegctlCore

@Suite("DatabaseOwner", .enabled(if: geteuid() == 0)) struct DatabaseOwnerTests {
  private let directory: TemporaryDirectory
  private let stranger: UInt32 = 12_345

  init() throws {
    directory = try TemporaryDirectory()
    try FileSystem.makeDirectories("\(directory.path)/sub")
  }

  private var path: String { "\(directory.path)/sub/regctl.db" }

  private func give(_ name: String, to user: UInt32, group: UInt32 = 0) throws {
    try #require(lchown("\(directory.path)/\(name)", user, group) == 0)
  }

  @Test(arguments: [true, false])
  func `a database of root's has no other owner`(_ exists: Bool) throws {
    if exists { try directory.write("sub/regctl.db", "") }
    #expect(try DatabaseOwner(of: path) == nil)
  }

  @Test func `the file's owner comes first`() throws {
    try directory.write("sub/regctl.db", "")
    try give("sub", to: 777)
    try give("sub/regctl.db", to: stranger)
    let owner = try #require(try DatabaseOwner(of: path))
    #expect(owner.user.uid == stranger)
    #expect(owner.path == path)
  }

  @Test(arguments: [true, false])
  func `the directory's owner comes next, if the file is root's or missing`(_ exists: Bool) throws {
    if exists { try directory.write("sub/regctl.db", "") }
    try give("sub", to: stranger)
    let owner = try #require(try DatabaseOwner(of: path))
    #expect(owner.user.uid == stranger)
    #expect(owner.path == "\(directory.path)/sub")
  }

  @Test func `for missing directories it is the owner of the existing parent`() throws {
    try give("sub", to: stranger)
    #expect(try DatabaseOwner(of: "\(directory.path)/sub/a/b/x.db")?.user.uid == stranger)
  }

  @Test func `the owner of a directory above it comes next`() throws {
    try FileSystem.makeDirectories("\(directory.path)/sub/deep")
    try directory.write("sub/deep/x.db", "")
    try give("sub", to: stranger)
    #expect(try DatabaseOwner(of: "\(directory.path)/sub/deep/x.db")?.user.uid == stranger)
  }

  @Test func `the owner of a link in the path, who can redirect it, comes next`() throws {
    try directory.write("sub/regctl.db", "")
    try #require(symlink("sub", "\(directory.path)/link") == 0)
    try give("link", to: stranger)
    #expect(try DatabaseOwner(of: "\(directory.path)/link/regctl.db")?.user.uid == stranger)
    // The control: by the other name it is owned by root.
    #expect(try DatabaseOwner(of: path) == nil)
  }

  @Test func `the owner of the directory of such a link comes next`() throws {
    try directory.write("regctl.db", "")
    try #require(symlink("../regctl.db", path) == 0)
    try give("sub", to: stranger)
    #expect(try DatabaseOwner(of: path)?.user.uid == stranger)
  }

  @Test(arguments: [(4242 as UInt32, 4242 as UInt32), (0, 65_534)])
  func `a user without a name has the file's group, but never root's`(
    _ group: UInt32, expected: UInt32
  ) throws {
    try directory.write("sub/regctl.db", "")
    try give("sub/regctl.db", to: stranger, group: group)
    #expect(try DatabaseOwner(of: path)?.group == expected)
  }

  @Test func `a named user has the group from the user database`() throws {
    try directory.write("sub/regctl.db", "")
    try give("sub/regctl.db", to: 65_534, group: 4242)
    let owner = try #require(try DatabaseOwner(of: path))
    #expect(owner.user.name == "nobody")
    #expect(owner.group == 65_534)
  }
}
