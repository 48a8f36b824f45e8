import Glibc
import System
import TestSupport
import Testing

@testable import RegctlCore

@Suite("HeldSecrets") struct HeldSecretsTests {
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  private func held(
    _ settings: [String: String], passwordFile: String? = nil
  ) throws -> HeldSecrets {
    let configuration = try ConfigurationLoader.load(
      ["db": "\(directory.path)/regctl.db"].merging(settings) { $1 })
    return HeldSecrets(of: configuration, passwordFile: passwordFile, uid: geteuid())
  }

  @Test func `secrets are served when their files can no longer be read`() throws {
    let key = try directory.write("key", "key")
    let password = try directory.write("password", "password")
    let salt = try directory.write("salt", "salt")
    let own = try directory.write("own", "own")
    let secrets = try held(
      [
        "secret_key_file": key, "mail_password_file": password,
        "security_password_salt_file": salt,
      ], passwordFile: own)
    for path in [key, password, salt, own] { unlink(path) }
    func read(_ path: String) throws -> [UInt8] {
      try SecretFile.read(path, setting: "x", isCredential: false, uid: geteuid(), held: secrets)
    }
    #expect(try read(key) == Array("key".utf8))
    #expect(try read(password) == Array("password".utf8))
    #expect(try read(salt) == Array("salt".utf8))
    #expect(try secrets.read(own) == Array("own".utf8))
  }

  @Test func `the key beside the database is one of them`() throws {
    let key = try directory.write("secret.key", "key")
    #expect(try held([:]).read(key) == Array("key".utf8))
  }

  @Test func `an untrusted file is read later`() throws {
    let key = try directory.write("key", "key", mode: 0o640)
    #expect(try held(["secret_key_file": key]).read(key) == nil)
    #expect(try held(["secret_key_file": "\(directory.path)/none"]).read("none") == nil)
  }

  @Test func `the error of a password file is thrown when it is needed`() throws {
    let path = "\(directory.path)/none"
    let secrets = try held([:], passwordFile: path)
    #expect(throws: RegctlError.file(FileError(operation: "open", path: path, code: ENOENT))) {
      try secrets.read(path)
    }
  }
}
