import Glibc
import SQL
import System
import TestSupport
import Testing

@testable import RegctlCore

@Suite("KeyRotation") struct KeyRotationTests {
  private let site: Site

  init() throws { site = try Site() }

  private var keyFile: String { "\(site.directory.path)/secret.key" }

  private func keys() throws -> [[UInt8]] {
    KeyFile(content: try FileSystem.read(keyFile, atMost: 1 << 16)).keys
  }

  private func rotation(_ settings: [String: String] = [:]) throws -> KeyRotation {
    try KeyRotation(site.configuration(settings), uid: geteuid())
  }

  @discardableResult
  private func add() throws -> KeyRotation.Result {
    try rotation().add(in: site.store, at: site.now, by: Site.actor)
  }

  @discardableResult
  private func dropExpired() throws -> KeyRotation.Result {
    try rotation().dropExpired(in: site.store, at: site.now, by: Site.actor)
  }

  private func wait(_ seconds: Int64) { site.now = site.now + .seconds(seconds) }

  @Test func `a random key is added as the last line, once`() throws {
    let result = try add()
    #expect(
      result
        == KeyRotation.Result(
          path: keyFile, keys: 2, dropped: 0, neededUntil: Site.start + .seconds(3600)))
    let keys = try keys()
    #expect(keys.first == Array(Site.key.utf8))
    #expect(keys.count == 2 && keys[1].count == 44)
    try add()
    #expect(try Set(self.keys()).count == 3)
    #expect(try FileSystem.status(of: keyFile)?.permissions == 0o600)
  }

  @Test func `old links confirm, and new ones are signed with the new key`() throws {
    try site.register("ann@example.org")
    try site.register("bob@example.org")
    let old = try site.token("ann@example.org")
    wait(1)
    try add()
    let new = try site.token("bob@example.org")
    let authority = try site.authority()
    #expect(try authority.read(old, at: site.now).keyPosition == 1)
    #expect(try authority.read(new, at: site.now).keyPosition == 2)
  }

  @Test func `a key is dropped when its last link has expired, and not a second earlier`() throws {
    wait(100)
    try add()
    wait(3600)
    let result = try dropExpired()
    #expect(result.dropped == 0)
    #expect(result.neededUntil == site.now)
    wait(1)
    #expect(try dropExpired().dropped == 1)
    #expect(try keys().count == 1)
    #expect(
      try dropExpired()
        == KeyRotation.Result(
          path: keyFile, keys: 1, dropped: 0, neededUntil: nil))
  }

  @Test func `each key is judged by the one that came after it`() throws {
    try add()
    wait(3000)
    try add()
    wait(601)
    let result = try dropExpired()
    #expect(result.dropped == 1)
    #expect(result.keys == 2)
    #expect(result.neededUntil == Site.start + .seconds(6600))
  }

  @Test func `a key that was added by hand counts from the last change of the file`() throws {
    try FileSystem.replace(
      keyFile, content: Array("\(Site.key)\nanother key that was added by hand\n".utf8))
    var now = timespec()
    clock_gettime(CLOCK_REALTIME, &now)
    site.now = Instant(seconds: Int64(now.tv_sec) + 3500)
    #expect(try dropExpired().dropped == 0)
    wait(200)
    #expect(try dropExpired().dropped == 1)
  }

  @Test func `the audit says that a key was added, and not which`() throws {
    try add()
    wait(3601)
    try dropExpired()
    let details = try site.store.rows(
      "SELECT detail FROM regctl_audit WHERE act = 'rotate-key' ORDER BY id"
    ) { $0.text(0) }
    #expect(details.last == "dropped 1 key")
    #expect(details.first?.wholeMatch(of: /key [0-9a-f]{8}/) != nil)
    _ = try site.store.verifyAudit(including: nil)
  }

  @Test func `no key is added while a delivery is at work`() throws {
    let other = try site.open(for: .writing)
    let right = try other.deliveryRight()
    #expect(throws: RegctlError.self) { try add() }
    #expect(throws: RegctlError.self) { try dropExpired() }
    right.release()
    #expect(try keys().count == 1)
    try add()
  }

  @Test func `a failed write leaves the audit and the file as they were`() throws {
    guard geteuid() != 0 else { return }
    #expect(chmod(site.directory.path, 0o500) == 0)
    defer { chmod(site.directory.path, 0o700) }
    #expect(throws: RegctlError.self) { try add() }
  }

  @Test func `a salt that is the last key is refused, also through a link`() throws {
    let link = "\(site.directory.path)/salt"
    #expect(symlink("secret.key", link) == 0)
    for path in [keyFile, link] {
      let error = try refusal {
        _ = try rotation(["security_password_salt_file": path, "allow_weak_secret": "yes"])
      }
      #expect(
        error
          == .configuration(
            ConfigurationError(origin: .file(path: keyFile, line: 0), fault: .saltInKeyFile)))
    }
  }
}
