import Glibc
import TestSupport
import Testing

@testable import RegctlCore
@testable import SMTP

@Suite("SMTPTransport") struct SMTPTransportTests {
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  private func configuration(_ settings: [String: String]) throws -> Configuration {
    try ConfigurationLoader.load(["mail_server": "mx.example.org"].merging(settings) { $1 })
  }

  /// The password that is read from a password file.
  private func authentication(_ content: String) throws -> String {
    let path = try directory.write("password", content)
    let configuration = try configuration(["mail_username": "ann", "mail_password_file": path])
    var session = Session(
      security: .implicitTLS, clientName: "[127.0.0.1]",
      credentials: try configuration.credentials(uid: geteuid()))
    for reply in ["220 mx\r\n", "250-mx\r\n250 AUTH PLAIN\r\n"] {
      session.sent(session.pendingOutput.count)
      _ = try session.receive(Array(reply.utf8)[...])
    }
    let lines = String(decoding: session.pendingOutput, as: UTF8.self).split(separator: "\r\n")
    return try String(#require(lines.last))
  }

  // MARK: The server

  @Test(arguments: [
    ([:], Session.Security.implicitTLS, 465),
    (["mail_security": "tls"], .implicitTLS, 465), (["mail_security": "starttls"], .startTLS, 587),
    (["mail_security": "none"], .clear, 25), (["mail_port": "2525"], .implicitTLS, 2525),
    (["mail_security": "none", "mail_port": "2525"], .clear, 2525),
  ])
  func `the security determines the default port`(
    _ settings: [String: String], security: Session.Security, port: Int
  ) throws {
    let server = try #require(try configuration(settings).server)
    #expect(server.security == security)
    #expect(server.port == port)
  }

  @Test func `other properties are those configured`() throws {
    let server = try #require(
      try configuration(["mail_ca_file": "/ca.pem", "mail_timeout": "2s"]).server)
    #expect(server.name == "mx.example.org")
    #expect(server.authorities == "/ca.pem")
    #expect(server.timeLimit == .seconds(2))
    #expect(server.mailTimeLimit == .seconds(6))
  }

  @Test func `without a name there is no server`() throws {
    #expect(try ConfigurationLoader.load().server == nil)
  }

  @Test(arguments: [("mx.example.org", "mx.example.org:465"), ("::1", "[::1]:465")])
  func `a server is parsed as users write it`(_ name: String, text: String) throws {
    #expect(try configuration(["mail_server": name]).server?.text == text)
  }

  // MARK: Credentials

  @Test(arguments: ["secret", "secret\n", "secret\r\n", "secret\n\n"])
  func `the password is the file without its line end`(_ content: String) throws {
    #expect(try authentication(content) == "AUTH PLAIN AGFubgBzZWNyZXQ=")
  }

  @Test func `spaces belong to the password`() throws {
    #expect(try authentication(" a b \n") == "AUTH PLAIN AGFubgAgYSBiIA==")
  }

  @Test func `without a user name no password is read`() throws {
    #expect(try configuration(["mail_password_file": "/nowhere"]).credentials(uid: 0) == nil)
  }

  @Test func `a user name needs a password`() throws {
    let configuration = try configuration(["mail_username": "ann"])
    #expect(throws: RegctlError.delivery(.missingSetting("mail_password_file"))) {
      try configuration.credentials(uid: geteuid())
    }
  }

  @Test func `a password that others can read is refused`() throws {
    let path = try directory.write("password", "secret", mode: 0o644)
    let configuration = try configuration(["mail_username": "ann", "mail_password_file": path])
    #expect(throws: RegctlError.self) { try configuration.credentials(uid: geteuid()) }
  }
}
