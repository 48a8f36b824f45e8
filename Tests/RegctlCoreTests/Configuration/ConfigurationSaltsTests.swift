import Glibc
import TestSupport
import Testing

@testable import RegctlCore

@Suite("Configuration+Salts") struct ConfigurationSaltsTests {
  private let directory: TemporaryDirectory
  private let key = "0123456789abcdef0123456789abcdef"

  init() throws { directory = try TemporaryDirectory() }

  private func configuration(
    _ settings: [String: String], environment: [String: String] = [:]
  ) throws -> Configuration {
    try ConfigurationLoader.load(
      ["db": "\(directory.path)/regctl.db"].merging(settings) { $1 }, environment: environment)
  }

  /// The text of the salt of confirmation tokens in a file.
  private func salt(_ content: String, _ settings: [String: String] = [:]) throws -> String {
    let path = "\(directory.path)/salt"
    unlink(path)
    try directory.write("salt", content)
    let file = ["security_password_salt_file": path]
    let salts = try configuration(file.merging(settings) { $1 }).salts(uid: geteuid())
    #expect(salts.map(\.purpose) == [.confirm, .reset, .changeEmail])
    return try #require(salts.first).text
  }

  private func refused(_ path: String, _ fault: ConfigurationError.Fault) -> RegctlError {
    .configuration(ConfigurationError(origin: .file(path: path, line: 0), fault: fault))
  }

  // MARK: From a file

  @Test(arguments: ["salt", "salt\n", "salt\r\n", "older\nsalt\n", "\n\nolder\n\nsalt\n\n"])
  func `the salt is the last line of its file`(_ content: String) throws {
    #expect(try salt(content) == "salt")
  }

  @Test func `the salt may be the newest key`() throws {
    let path = try directory.write("secret.key", "an older key of the site\n\(key)\n")
    let configuration = try configuration(
      ["security_password_salt_file": path, "allow_weak_secret": "yes"])
    #expect(try configuration.salts(uid: geteuid()).first?.text == key)
    #expect(try configuration.keyRing(uid: geteuid()).count == 2)
  }

  @Test func `a key that is also the salt is refused unless that is allowed`() throws {
    let path = try directory.write("secret.key", key)
    let configuration = try configuration(["security_password_salt_file": path])
    let weakness = KeyRing.Weakness.equalsSalt(setting: "security_password_salt_file")
    #expect(throws: refused(path, .weakKey(path: path, position: 1, weakness: weakness))) {
      try configuration.keyRing(uid: geteuid())
    }
  }

  @Test func `the file is a secret file`() throws {
    let path = try directory.write("salt", "a salt", mode: 0o644)
    #expect(throws: refused(path, .readableByOthers(path: path, permissions: 0o644))) {
      try configuration(["security_password_salt_file": path]).salts(uid: geteuid())
    }
    unlink(path)
    let missing = ConfigurationError.Fault.missingFile(
      path: path, setting: "security_password_salt_file")
    #expect(throws: refused(path, missing)) {
      try configuration(["security_password_salt_file": path]).salts(uid: geteuid())
    }
  }

  @Test func `a file without a salt is refused`() throws {
    let path = "\(directory.path)/salt"
    #expect(throws: refused(path, .noSalt(path: path))) { try salt("\n\n") }
  }

  @Test func `a salt that is not text is refused`() throws {
    let path = "\(directory.path)/salt"
    try directory.write("salt", "")
    let file = open(path, O_WRONLY | O_TRUNC)
    unsafe [UInt8]([0x61, 0xff, 0x0a]).withUnsafeBytes {
      _ = unsafe write(file, $0.baseAddress, $0.count)
    }
    close(file)
    #expect(throws: refused(path, .notUTF8)) {
      try configuration(["security_password_salt_file": path]).salts(uid: geteuid())
    }
  }

  @Test func `the file may be a credential`() throws {
    let path = try directory.write("security_password_salt_file", "a salt", mode: 0o440)
    let configuration = try configuration(
      [:], environment: ["CREDENTIALS_DIRECTORY": directory.path])
    #expect(configuration.securityPasswordSaltFile == path)
    #expect(try configuration.salts(uid: geteuid()).first?.text == "a salt")
  }

  @Test func `a salt and its file together are refused`() throws {
    #expect(
      throws: RegctlError.configuration(
        ConfigurationError(origin: .option("--security-password-salt"), fault: .saltAndFile))
    ) {
      try configuration(["security_password_salt": "a salt", "security_password_salt_file": "x"])
    }
  }

  @Test func `with a file the default salt is not in effect, and not shown`() throws {
    let path = try directory.write("salt", "a salt")
    let configuration = try configuration(["security_password_salt_file": path])
    let shown = configuration.effective.first { $0.key == "security_password_salt" }
    #expect(shown?.value == nil)
    #expect(configuration.writtenSalts.map(\.setting) == ["reset_salt", "change_email_salt"])
  }

  @Test func `a salt in a file must differ from the others`() throws {
    func error(_ second: String) -> RegctlError {
      .configuration(
        ConfigurationError(
          origin: .option("--security-password-salt-file"),
          fault: .equalSalts("security_password_salt_file", second)))
    }
    #expect(throws: error("reset_salt")) { try salt("password-reset") }
    #expect(throws: error("change_email_salt")) { try salt("change-email") }
    #expect(try salt("password-reset", ["reset_link": "application"]) == "password-reset")
  }

  // MARK: Shown

  @Test func `a salt that equals a key is hidden, and no other`() throws {
    try directory.write("secret.key", "an older key of the site\n\(key)\n")
    let settings = ["security_password_salt": key, "reset_salt": "a long salt of the site"]
    #expect(
      try configuration(settings).hiddenSalts(uid: geteuid()) == ["security_password_salt"])
    #expect(try configuration([:]).hiddenSalts(uid: geteuid()) == [])
  }

  @Test func `a salt that may equal a key that cannot be read is hidden`() throws {
    let path = try directory.write("secret.key", key, mode: 0o644)
    let settings = ["security_password_salt": key, "reset_salt": "short"]
    #expect(
      try configuration(settings).hiddenSalts(uid: geteuid()) == ["security_password_salt"])
    unlink(path)
    #expect(try configuration(settings).hiddenSalts(uid: geteuid()) == [])
  }
}
