import RegctlCore
import Testing

@testable import regctl

@Suite("Export") struct ExportTests {
  @Test func `an export is JSON lines, CSV, or any list format`() throws {
    let world = try World()
    world.input = TypedInput(
      Array(#"{"id":7,"email":"o'neil@example.org","confirmed_on":"2026-11-23","admin":1}"#.utf8))
    #expect(world.run("import -") == .ok)
    let date = "2026-11-23 09:00:00.000000"
    let expected = [
      "Imported 1 account.\n",
      #"{"schema":1,"id":7,"email":"o'neil@example.org","password":"!","registered_on":"\#(date)","#
        + #""admin":true,"confirmed":true,"confirmed_on":"2026-11-23"}"# + "\n",
      "id,email,password,registered_on,admin,confirmed,confirmed_on\r\n"
        + "7,o'neil@example.org,!,\(date),1,1,2026-11-23\r\n",
      "id\temail\tpassword\tregistered_on\tadmin\tconfirmed\tconfirmed_on\n"
        + "7\to'neil@example.org\t!\t\(date)\ttrue\ttrue\t2026-11-23\n",
    ]
    for words in ["export", "export --csv --json", "export --format tsv"] {
      #expect(world.run(words) == .ok)
    }
    #expect(world.output.text == expected.joined())
  }

  @Test func `without accounts there is no line, or only the CSV header`() throws {
    let world = try World()
    #expect(world.run("export") == .ok)
    #expect(world.output.text == "")
    #expect(world.run("export --csv") == .ok)
    #expect(world.output.text == StoredAccountRow.csvHeader)
  }
}
