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
  func `where all is root's nobody else is needed`(_ exists: Bool) throws {
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
  func `then the directory's, whether the file is root's or missing`(_ exists: Bool) throws {
    if exists { try directory.write("sub/regctl.db", "") }
    try give("sub", to: stranger)
    let owner = try #require(try DatabaseOwner(of: path))
    #expect(owner.user.uid == stranger)
    #expect(owner.path == "\(directory.path)/sub")
  }

  @Test func `of directories that are missing, the one that they would be made in`() throws {
    try give("sub", to: stranger)
    #expect(try DatabaseOwner(of: "\(directory.path)/sub/a/b/x.db")?.user.uid == stranger)
  }

  @Test func `then whose is a directory above it`() throws {
    try FileSystem.makeDirectories("\(directory.path)/sub/deep")
    try directory.write("sub/deep/x.db", "")
    try give("sub", to: stranger)
    #expect(try DatabaseOwner(of: "\(directory.path)/sub/deep/x.db")?.user.uid == stranger)
  }

  @Test func `or whose is a link on the way, which can be made to lead elsewhere`() throws {
    try directory.write("sub/regctl.db", "")
    try #require(symlink("sub", "\(directory.path)/link") == 0)
    try give("link", to: stranger)
    #expect(try DatabaseOwner(of: "\(directory.path)/link/regctl.db")?.user.uid == stranger)
    // The control: by the other name it is root's.
    #expect(try DatabaseOwner(of: path) == nil)
  }

  @Test func `and where such a link lies`() throws {
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

  @Test func `a user with a name has the group that the system says`() throws {
    try directory.write("sub/regctl.db", "")
    try give("sub/regctl.db", to: 65_534, group: 4242)
    let owner = try #require(try DatabaseOwner(of: path))
    #expect(owner.user.name == "nobody")
    #expect(owner.group == 65_534)
  }
}
