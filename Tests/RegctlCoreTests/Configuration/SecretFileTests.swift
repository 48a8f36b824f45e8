import Glibc
import System
import TestSupport
import Testing

@testable import RegctlCore

@Suite("SecretFile") struct SecretFileTests {
  private let directory: TemporaryDirectory
  private let uid = geteuid()

  init() throws { directory = try TemporaryDirectory() }

  private func read(_ path: String, isCredential: Bool = false) throws -> [UInt8] {
    try SecretFile.read(path, setting: "secret_key_file", isCredential: isCredential, uid: uid)
  }

  /// The error for a fault of the named file.
  private func refused(_ path: String, _ fault: ConfigurationError.Fault) -> RegctlError {
    .configuration(ConfigurationError(origin: .file(path: path, line: 0), fault: fault))
  }

  @Test(arguments: [mode_t(0o600), 0o400, 0o700])
  func `a secret of its owner is read`(_ mode: mode_t) throws {
    let path = try directory.write("key", "secret", mode: mode)
    #expect(try read(path) == Array("secret".utf8))
  }

  @Test(arguments: [mode_t(0o640), 0o604, 0o620, 0o601, 0o644])
  func `a secret that others can read is refused`(_ mode: mode_t) throws {
    let path = try directory.write("key", "secret", mode: mode)
    #expect(throws: refused(path, .readableByOthers(path: path, permissions: mode))) {
      try read(path)
    }
  }

  @Test func `systemd protects its credentials itself`() throws {
    let path = try directory.write("key", "secret", mode: 0o440)
    #expect(try read(path, isCredential: true) == Array("secret".utf8))
  }

  @Test(.enabled(if: geteuid() == 0, "only root can make a file of another user"))
  func `a secret of another user is rejected`() throws {
    let path = try directory.write("key", "secret")
    let owner: UInt32 = 12_345
    try #require(chown(path, owner, 0) == 0)
    #expect(throws: refused(path, .foreignOwner(path: path, uid: owner))) {
      try SecretFile.read(path, setting: "x", isCredential: false, uid: owner + 1)
    }
  }

  @Test func `a missing secret is reported with its setting`() throws {
    let path = "\(directory.path)/none"
    #expect(throws: refused(path, .missingFile(path: path, setting: "secret_key_file"))) {
      try read(path)
    }
  }

  @Test(arguments: [
    "koXgE4XXYNbXKacmoouKvo0OlYAHpvpZYXJ862QNTF0=", "koXgE4XXYNbXKac/oouKvo0OlYA/pvpZYXJ862QNTF0=",
    "correct-horse-battery", String(repeating: "x", count: 300),
  ])
  func `a setting that seems to be the secret is reported without it`(_ value: String) {
    #expect(throws: refused(value, .secretInsteadOfFile(setting: "secret_key_file"))) {
      try read(value)
    }
  }

  @Test(arguments: [
    ("hunter2", "mail_password_file", true), ("Secret", "mail_password_file", true),
    ("smtp.password", "mail_password_file", false), ("hunter2", "secret_key_file", false),
    ("./correct-horse-battery", "secret_key_file", false),
    ("/etc/regctl/secret.key", "secret_key_file", false), ("", "secret_key_file", false),
  ])
  func `a value may be the secret if it has the form of one`(
    _ value: String, setting: String, mayBe: Bool
  ) {
    #expect(SecretFile.mayBeSecret(value, ofSetting: setting) == mayBe)
  }

  @Test func `the name of an existing file is not a secret`() throws {
    let path = try directory.write("key", "x")
    #expect(!SecretFile.mayBeSecret(path, ofSetting: "mail_password_file"))
    // Relative, since a key contains no slash; tests run in the directory they were started in.
    #expect(!SecretFile.mayBeSecret(".", ofSetting: "mail_password_file"))
  }

  @Test func `a missing password file is not named, since it may be the password`() {
    #expect(
      throws: RegctlError.configuration(
        ConfigurationError(origin: .builtIn, fault: .missingPasswordFile))
    ) { try SecretFile.readPassword("hunter2", uid: uid) }
    let path = "\(directory.path)/none"
    #expect(throws: RegctlError.file(FileError(operation: "open", path: path, code: ENOENT))) {
      try SecretFile.readPassword(path, uid: uid)
    }
  }

  @Test func `a directory is not a secret file`() throws {
    #expect(throws: refused(directory.path, .notARegularFile(path: directory.path))) {
      try read(directory.path)
    }
  }

  @Test(arguments: [(65_536, true), (65_537, false)])
  func `a secret has at most 64 KiB`(_ count: Int, isRead: Bool) throws {
    let path = try directory.write("key", String(repeating: "x", count: count))
    if isRead {
      #expect(try read(path).count == count)
    } else {
      #expect(throws: refused(path, .tooLarge)) { try read(path) }
    }
  }

  @Test func `a new key is 32 random bytes, for its owner only`() throws {
    let paths = ["a.key", "deep/down/b.key"].map { "\(directory.path)/\($0)" }
    for path in paths {
      #expect(try SecretFile.createKey(path, uid: uid))
      #expect(try FileSystem.status(of: path)?.permissions == 0o600)
    }
    let keys = try paths.map { try FileSystem.read($0, atMost: 100) }
    #expect(keys[0].count == 45)
    #expect(keys[0].last == 0x0a)
    #expect(keys[0] != keys[1])
    #expect(KeyRing(fileContent: keys[0])?.weakness(salts: []) == nil)
  }

  @Test func `an existing key is kept`() throws {
    let path = try directory.write("key", "the key of before")
    #expect(try !SecretFile.createKey(path, uid: uid))
    #expect(try read(path) == Array("the key of before".utf8))
  }

  @Test(arguments: [
    ("", KeyRing.Weakness?.none), ("my_precious", .sample), ("short", .short(bytes: 5)),
    ("change-email-salt-x", .equalsSalt(setting: "change_email_salt")),
  ])
  func `a weak key is refused unless that is allowed`(
    _ key: String, weakness: KeyRing.Weakness?
  ) throws {
    let path = try directory.write("key", key)
    var options = [
      "secret_key_file": path, "change_email_salt": "change-email-salt-x",
      "allow_weak_secret": "no",
    ]
    func ring() throws -> KeyRing {
      try ConfigurationLoader.load(options)
        .keyRing(uid: uid)
    }
    let fault: ConfigurationError.Fault =
      weakness.map { .weakKey(path: path, position: 1, weakness: $0) } ?? .noKey(path: path)
    #expect(throws: refused(path, fault)) { try ring() }
    options["allow_weak_secret"] = "yes"
    if weakness != nil { #expect(try ring().count == 1) }
  }
}
