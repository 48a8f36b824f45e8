import Glibc
import SMTP
import TestSupport
import Testing

@testable import RegctlCore

@Suite("MailHeaderFile") struct MailHeaderFileTests {
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  private func headers(_ content: String, mode: mode_t = 0o600) throws -> [FurtherHeader] {
    unlink("\(directory.path)/headers")
    let path = try directory.write("headers", content, mode: mode)
    return try MailHeaderFile.headers(
      of: ConfigurationLoader.load(["mail_headers": path]), uid: geteuid())
  }

  private func fault(_ content: String, mode: mode_t = 0o600) throws -> ConfigurationError {
    guard case .configuration(let error) = try refusal({ _ = try headers(content, mode: mode) })
    else { throw Unexpected.error }
    return error
  }

  private enum Unexpected: Error { case error }

  @Test func `comments and empty lines are no headers`() throws {
    #expect(
      try headers("# A comment\n\nX-A: 1\r\nX-A: 2\nX-B: 3") == [
        FurtherHeader(name: "X-A", body: "1"), FurtherHeader(name: "X-A", body: "2"),
        FurtherHeader(name: "X-B", body: "3"),
      ])
    #expect(try headers("") == [])
  }

  @Test func `an error names the line`() throws {
    let error = try fault("X-A: 1\n\nBcc: eve@example.org\n")
    #expect(error.fault == .mailHeader(.reserved("Bcc")))
    #expect(error.origin == .file(path: "\(directory.path)/headers", line: 3))
  }

  @Test func `a file that others can write is refused`() throws {
    guard case .untrusted = try fault("X-A: 1\n", mode: 0o666).fault else { throw Unexpected.error }
  }

  @Test func `a missing file and one that is too large are errors`() throws {
    let configuration = try ConfigurationLoader.load(["mail_headers": "/nowhere"])
    #expect(
      throws: RegctlError.configuration(
        ConfigurationError(
          origin: .file(path: "/nowhere", line: 0),
          fault: .missingFile(path: "/nowhere", setting: "mail_headers")))
    ) { try MailHeaderFile.headers(of: configuration, uid: geteuid()) }
    let line = "X-A: 123456789\n"
    #expect(try fault(String(repeating: line, count: 5000)).fault == .tooLarge)
  }
}
