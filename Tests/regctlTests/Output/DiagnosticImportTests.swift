import RegctlCore
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
    ("{\"email\":\"ann\"}", "line 1: 'ann' is no address: it has no @"),
    ("{}", "line 1: there is no email"),
    (
      "{\"email\":\"a@example.org\",\"password\":\"hunter2\"}", "line 1: password is no bcrypt hash"
    ),
    (
      "{\"email\":\"a@example.org\",\"admin\":\"yes\"}", "line 1: admin cannot be 'yes': it is true"
    ),
    ("{\"email\":\"a@example.org\",\"id\":0}", "line 1: id cannot be '0'"),
    ("{\"email\":\"a@example.org\",\"schema\":2}", "line 1: schema '2' is not known"),
    (
      "{\"email\":\"a@example.org\",\"emial\":1}",
      "line 1: there is no field 'emial'\nhint: did you"
    ),
    ("{\"email\":\"a@example.org\",\"registered_on\":\"\\u001b[2J\"}", "cannot be '\\u{1b}[2J'"),
    ("{\"email\":[]}", "line 1: 'email' holds an object or array"),
    ("{\"email\"", "line 1: it is no JSON at byte 9"),
    ("email\na,b", "line 2: it has 2 fields, and the header 1"),
    ("email\n\"a", "line 2: a quote is not closed"),
    ("email\n\"a\"b", "line 2: a quote stands where none may be"),
  ])
  func `a line is refused in words that do not repeat a password`(
    _ text: String, words: String
  ) throws {
    let (said, code) = try refused(text)
    #expect(said.contains(words), "\(said)")
    #expect(!said.contains("hunter2"))
    #expect(said.hasSuffix("regctl: import: the line was refused\n"))
    #expect(code == .data)
  }

  @Test func `beyond a hundred lines the rest is counted and JSON names them all`() throws {
    let text = String(repeating: "{}\n", count: 150) + "{\"email\":\"ann@example.org\"}"
    let (said, code) = try refused(text)
    #expect(said.split(separator: "\n").count { $0.hasPrefix("regctl: import: line ") } == 100)
    #expect(said.hasSuffix("150 of 151 lines were refused\nhint: --json names all of them\n"))
    #expect(code == .refused)
  }

  @Test func `a header that is none is refused whole`() throws {
    let (said, code) = try refused("e-mail,name\n")
    #expect(
      said == "regctl: import: line 1: there is no field 'e-mail'\nhint: did you mean email?\n")
    #expect(code == .data)
  }
}
