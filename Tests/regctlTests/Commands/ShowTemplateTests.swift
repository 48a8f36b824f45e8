import RegctlCore
import System
import Testing

@testable import regctl

@Suite("ShowTemplate") struct ShowTemplateTests {
  @Test(arguments: [
    ("show-template", UsageError.Fault.missingOperand("NAME")),
    ("show-template confirm reset", .unexpectedOperand("reset")),
    (
      "show-template confrim",
      .invalidValue(
        option: "NAME", value: "confrim",
        expected: .choice(MailKind.allCases.map(\.rawValue), suggestion: "confirm"))
    ),
    (
      "show-template confirm --lang german",
      .invalidValue(
        option: "--lang", value: "german",
        expected: .format("must be a language tag such as de or pt-BR"))
    ),
  ])
  func `an invalid command line is rejected`(_ line: String, expected: UsageError.Fault) throws {
    #expect(try fault(of: line) == expected)
  }

  @Test func `the text part is shown without a database`() throws {
    let world = try World(hasDatabase: false)
    let text = world.printed("show-template confirm")
    #expect(text.hasPrefix("Subject: Confirm your e-mail address for app.example\n\nHello,\n"))
    #expect(text.contains("\nhttps://app.example/confirm/"))
    #expect(try !world.exists("regctl.db"))
  }

  @Test func `the HTML part is shown alone, in a language`() throws {
    let world = try World(hasDatabase: false)
    let html = world.printed("show-template reset --lang de-AT --html")
    #expect(html.hasPrefix("<!DOCTYPE html>\n<html lang=\"de\">\n"))
    #expect(html.hasSuffix("</html>\n"))
  }

  @Test func `JSON has both parts`() throws {
    let world = try World(hasDatabase: false)
    let json = world.printed("show-template changed-notice --lang fr --json")
    #expect(
      json.hasPrefix(
        """
        {"schema":1,"template":"changed-notice","lang":"fr","subject":"Modification
        """))
    #expect(json.contains("\"html\":\"<!DOCTYPE html>"))
  }

  @Test func `the files of templates_dir are used`() throws {
    let world = try World(hasDatabase: false)
    try FileSystem.makeDirectories("\(world.directory)/templates")
    try FileSystem.create(
      "\(world.directory)/templates/reset.txt",
      content: Array("Subject: Own\n\n{{ reset_url }} {{ email }}\n".utf8))
    world.environment["REGCTL_TEMPLATES_DIR"] = "\(world.directory)/templates"
    let text = world.printed("show-template reset")
    #expect(text.hasPrefix("Subject: Own\n\nhttps://app.example/reset/"))
    #expect(text.hasSuffix(" ann@example.org\n"))
  }
}
