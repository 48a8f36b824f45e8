import RegctlCore
import Testing

@testable import regctl

@Suite("PortReport") struct PortReportMessageTests {
  @Test func `a port that answers is named with its settings`() throws {
    // Nothing listens on the port that is set; port 25 and the others may be in use on this machine.
    let world = try World(settings: "mail_server = 127.0.0.1\nmail_security = none\nmail_port = 1")
    world.environment["REGCTL_MAIL_TRANSPORT"] = "smtp"
    let printed = world.printed("doctor --format tsv --no-header", endingWith: .refused)
    let row = try #require(printed.split(separator: "\n").last { $0.hasPrefix("mail server\t") })
    #expect(
      row.hasPrefix("mail server\tfailed\tmail cannot be sent: 127.0.0.1:1: cannot connect: "))
    #expect(row.contains("answer"))
  }
}
