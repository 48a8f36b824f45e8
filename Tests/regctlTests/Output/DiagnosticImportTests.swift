import Glibc
import RegctlCore
import SQL
import System
import TestSupport
import Testing

@testable import regctl

@Suite("Diagnostic+Import") struct DiagnosticImportTests {
  private func refused(_ text: String, _ words: String = "import -") throws -> (String, ExitCode) {
    let world = try World()
    world.input = TypedInput(Array(text.utf8))
    let code = world.run(words)
    return (world.errorOutput.text, code)
  }

  @Test(arguments: [
    ("{\"email\":\"ann\"}", "line 1: 'ann' is not a valid e-mail address: no @"),
    ("{}", "line 1: email is missing"),
    (
      "{\"email\":\"a@example.org\",\"password\":\"hunter2\"}",
      "line 1: password is not a hash of bcrypt or Werkzeug"
    ),
    (
      "{\"email\":\"a@example.org\",\"admin\":\"yes\"}",
      "line 1: invalid value 'yes' for admin: must be true"
    ),
    ("{\"email\":\"a@example.org\",\"id\":0}", "line 1: invalid value '0' for id"),
    (
      "{\"email\":\"a@example.org\",\"language\":\"german\"}",
      "line 1: invalid value 'german' for language: must be a language tag\nhint: write a tag such"
    ),
    ("{\"email\":\"a@example.org\",\"schema\":2}", "line 1: unknown schema '2'"),
    (
      "{\"email\":\"a@example.org\",\"emial\":1}",
      "line 1: unknown field 'emial'\nhint: did you"
    ),
    (
      "{\"email\":\"a@example.org\",\"registered_on\":\"\\u001b[2J\"}", "invalid value '\\u{1b}[2J'"
    ),
    ("{\"email\":[]}", "line 1: 'email' is an object or array"),
    ("{\"email\"", "line 1: JSON syntax error at byte 9"),
    ("email\na,b", "line 2: 2 fields, but the header has 1"),
    ("email\n\"a", "line 2: unclosed quote"),
    ("email\n\"a\"b", "line 2: unexpected quote"),
  ])
  func `an error about a line does not repeat a password`(
    _ text: String, words: String
  ) throws {
    let (said, code) = try refused(text)
    #expect(said.contains(words), "\(said)")
    #expect(!said.contains("hunter2"))
    #expect(said.hasSuffix("regctl: error: import: the line was refused\n"))
    #expect(code == .data)
  }

  @Test func `beyond a hundred lines the rest is counted, and JSON lists them all`() throws {
    let text = String(repeating: "{}\n", count: 150) + "{\"email\":\"ann@example.org\"}"
    let (said, code) = try refused(text)
    #expect(
      said.split(separator: "\n").count { $0.hasPrefix("regctl: error: import: line ") } == 100)
    #expect(said.hasSuffix("150 of 151 lines were refused\nhint: --json lists all of them\n"))
    #expect(code == .refused)
  }

  private static let bcrypt = "$2b$13$abcdefghijklmnopqrstuuLnqI1P4rdqGwkF6wU1Gk6TU4u4xAzVS"
  private static let hexadecimal = String(repeating: "0123456789abcdef", count: 4)

  @Test(
    arguments: [bcrypt, hexadecimal, "scrypt:32768:8:1$x$y", "pbkdf2:sha256:1000$x$y"],
    ["registered_on", "admin", "id", "language", "schema", "email"])
  func `a hash in another column is refused and not repeated`(
    _ secret: String, field: String
  ) throws {
    let email = field == "email" ? "" : #","email":"ann@example.org""#
    let world = try World()
    world.input = TypedInput(Array(#"{"\#(field)":"\#(secret)"\#(email)}"#.utf8))
    #expect(world.run("import - --json") == .data)
    let said = world.errorOutput.text + world.output.text
    #expect(!said.contains(secret.prefix(20)))
    #expect(said.contains("line 1: "))
  }

  @Test func `a value that is not repeated is described`() throws {
    let (said, _) = try refused("email,registered_on\nann@example.org,\(Self.bcrypt)\n")
    #expect(said.hasPrefix("regctl: error: import: line 2: invalid value for registered_on\n"))
  }

  @Test(arguments: ["S3cret$word", "hunter", "a-secret-of-more-than-thirty-letters-x"])
  func `a header of one unknown column is not repeated`(_ line: String) throws {
    let (said, code) = try refused("\(line)\n")
    #expect(
      said.hasPrefix("regctl: error: import: line 1: no column named email\nhint: the fields"))
    #expect(!said.contains(line))
    #expect(code == .data)
  }

  @Test(arguments: [
    ("email,nmae", "unknown field 'nmae'\nhint: leave it out with --map nmae=none\n"),
    ("email,line2", "unknown field 'line2'\nhint: leave it out with --map line2=none\n"),
    (
      "email,age,city",
      "unknown fields 'age', 'city'\nhint: leave them out with --map age=none --map city=none\n"
    ),
    ("email,S3cret", "unknown field\nhint: --map COLUMN=none leaves a column out\n"),
    ("email,age,S3cret", "unknown fields 'age'\nhint: --map COLUMN=none leaves a column out\n"),
    ("email,a b", "unknown field\n"), ("email,s3cr3ts4nd5", "unknown field\n"),
    ("hunter,two", "no column named email"), ("emial,hunter", "unknown field 'emial'\n"),
  ])
  func `an unknown column is repeated if it looks like a name`(
    _ header: String, words: String
  ) throws {
    #expect(try refused("\(header)\n").0.contains("line 1: \(words)"))
  }

  @Test(arguments: [
    (
      #"{"email":"a@x.org","locale":null}"#,
      "line 1: 'locale' is missing, which the table requires\n"
    ),
    (#"{"email":"a@x.org","locale":{"blob":"0"}}"#, "line 1: invalid value for 'locale'\n"),
    (#"{"email":"a@x.org","locale":[]}"#, "line 1: invalid value for 'locale'\n"),
    ("email,locale\na@x.org,\\x\n", "line 2: invalid value for 'locale'\n"),
    (
      #"{"email":"a@x.org","locale":""}"#,
      "line 1: a constraint of the table forbids the account: "
        + TestEngine.choose(
          sqlite: "CHECK constraint failed: locale > ''\n",
          postgresql:
            #"new row for relation "users" violates check constraint "users_locale_check""#)
    ),
  ])
  func `a value of the application's own columns can be refused`(
    _ text: String, words: String
  ) throws {
    let world = try World()
    try world.execute(
      "ALTER TABLE users ADD COLUMN locale TEXT NOT NULL DEFAULT 'en' CHECK (locale > '')")
    world.input = TypedInput(Array(text.utf8))
    #expect(world.run("import -") == .data)
    #expect(world.errorOutput.text.contains(words), "\(world.errorOutput.text)")
  }

  @Test func `an unknown JSON key is repeated if it looks like a name`() throws {
    for text in [#"{"S3cret":1}"#, #"{"S3cret":[]}"#] {
      let (said, _) = try refused(text)
      #expect(said.contains(" field") && !said.contains("S3cret"))
    }
  }

  @Test func `a key file is reported as such`() throws {
    let world = try World()
    let file = "\(world.directory)/secret.key"
    #expect(world.run("import \(file)") == .data)
    #expect(
      world.errorOutput.text
        == "regctl: error: import: '\(file)' contains signing keys and is not an account file\n")
    // The current key may be weak.
    unlink(file)
    try FileSystem.create(file, content: Array("my precious\n".utf8))
    #expect(world.run("import \(file)") == .data)
    #expect(world.errorOutput.text.contains("secret.key' contains signing keys"))
    #expect(!world.errorOutput.text.contains("precious"))
  }

  @Test func `an invalid header rejects the whole file`() throws {
    let (said, code) = try refused("e-mail,name\n")
    #expect(
      said == "regctl: error: import: line 1: unknown field 'e-mail'\n"
        + "hint: did you mean email? leave it out with --map e-mail=none\n")
    #expect(code == .data)
  }
}
