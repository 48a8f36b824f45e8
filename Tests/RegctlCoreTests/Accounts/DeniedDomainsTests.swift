import Glibc
import System
import TestSupport
import Testing

@testable import RegctlCore

@Suite("DeniedDomains") struct DeniedDomainsTests {
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  private var path: String { "\(directory.path)/denied" }

  private func domains(_ text: String, mode: mode_t = 0o644) throws -> DeniedDomains {
    try directory.write("denied", text, mode: mode)
    let configuration = try ConfigurationLoader.load(["deny_domains_file": path])
    return try #require(try DeniedDomains(configuration, uid: geteuid()))
  }

  private func line(_ text: String, denying email: String) throws -> DeniedDomain? {
    try domains(text).line(denying: EmailAddress(email))
  }

  @Test func `without the setting there are none`() throws {
    #expect(try DeniedDomains(ConfigurationLoader.load([:]), uid: geteuid()) == nil)
  }

  private static let list = """
    # Throw-away addresses

    mailinator.com
    \tTrashMail.DE \t# since 2026-11-23\r
    x.example
    """

  @Test(arguments: [
    ("ann@mailinator.com", "mailinator.com", 3), ("ann@MAILINATOR.COM", "mailinator.com", 3),
    ("ann@trashmail.de", "trashmail.de", 4), ("ann@a.b.trashmail.de", "trashmail.de", 4),
    ("ann@mail.x.example", "x.example", 5),
  ])
  func `a line denies its domain and those below it`(
    _ email: String, name: String, number: Int
  ) throws {
    #expect(
      try line(Self.list, denying: email) == DeniedDomain(name: name, path: path, line: number))
  }

  @Test(arguments: [
    "ann@example.com", "ann@notmailinator.com", "ann@mailinator.com.example", "ann@mailinator.org",
    "ann@y.example", "mailinator.com@ann.example",
  ])
  func `other domains are not denied`(_ email: String) throws {
    #expect(try line(Self.list, denying: email) == nil)
  }

  @Test func `the first line that denies a domain is named`() throws {
    let text = "b.example\na.b.example\nb.example\n"
    #expect(try line(text, denying: "ann@a.b.example")?.line == 1)
  }

  @Test(arguments: ["bücher.example", "BÜCHER.example", "xn--bcher-kva.example"])
  func `both spellings of a domain are the same`(_ spelling: String) throws {
    for email in ["ann@bücher.example", "ann@XN--bcher-kva.example", "ann@a.bücher.example"] {
      #expect(
        try line("\(spelling)\n", denying: email)?.name == "xn--bcher-kva.example", "\(email)")
      unlink(path)
    }
  }

  @Test(arguments: [("", 0), ("\n\n# none\n", 0), ("\u{feff}a.example\r\nb.example", 2)])
  func `the domains are counted`(_ text: String, count: Int) throws {
    #expect(try domains(text).count() == count)
  }

  @Test(arguments: [
    "com", "*.mailinator.com", "@mailinator.com", ".mailinator.com", "mailinator.com.",
    "mailinator.com trashmail.de", "http://mailinator.com", "127.0.0.1", "-a.example", "a..example",
    "\u{0}a.example", "☃.example", "a_b.c\u{301}..example",
    "\(String(repeating: "a", count: 64)).example",
    String(repeating: "a.", count: 130) + "example",
  ])
  func `a line that is not a domain is an error`(_ text: String) throws {
    let domains = try domains("a.example\n\n\(text)\n")
    let expected = RegctlError.configuration(
      ConfigurationError(origin: .file(path: path, line: 3), fault: .notADomain))
    #expect(throws: expected) { try domains.count() }
    // Even if the address was found before.
    #expect(throws: expected) { try domains.line(denying: EmailAddress("ann@a.example")) }
  }

  @Test func `text that is not UTF-8 is an error`() throws {
    let configuration = try ConfigurationLoader.load(["deny_domains_file": path])
    try FileSystem.create(path, content: [0x61, 0xff, 0x2e, 0x62, 0x63])
    let domains = try #require(try DeniedDomains(configuration, uid: geteuid()))
    #expect(throws: RegctlError.self) { try domains.count() }
  }

  @Test func `a file that others can write is not trusted`() throws {
    let expected = RegctlError.configuration(
      ConfigurationError(
        origin: .file(path: path, line: 0),
        fault: .untrusted(path: path, at: path, .writableByOthers(permissions: 0o622))))
    #expect(throws: expected) { try domains("a.example", mode: 0o622) }
  }

  @Test func `a missing file and a directory are errors of the setting`() throws {
    func fault(_ path: String) throws -> ConfigurationError.Fault? {
      let configuration = try ConfigurationLoader.load(["deny_domains_file": path])
      let error = #expect(throws: RegctlError.self) {
        try DeniedDomains(configuration, uid: geteuid())
      }
      guard case .configuration(let error) = error else { return nil }
      return error.fault
    }
    #expect(try fault(path) == .missingFile(path: path, setting: "deny_domains_file"))
    #expect(try fault(directory.path) == .notARegularFile(path: directory.path))
  }

  @Test func `a file that is too large is refused`() throws {
    try directory.write("denied", "a.example\n")
    #expect(truncate(path, DeniedDomains.maximumByteCount + 1) == 0)
    let configuration = try ConfigurationLoader.load(["deny_domains_file": path])
    #expect(
      throws: RegctlError.configuration(
        ConfigurationError(origin: .file(path: path, line: 0), fault: .tooLarge))
    ) { try DeniedDomains(configuration, uid: geteuid()) }
  }
}
