import RegctlCore
import Testing

@testable import regctl

@Suite("Pager") struct PagerTests {
  private func command(_ variables: [String: String], height: Int? = 24) -> String? {
    Pager(Environment(variables), height: height)?.command
  }

  @Test func `PAGER is used, with its words`() {
    #expect(command(["PAGER": "less -S"]) == "less -S")
  }

  @Test(arguments: [
    ["PAGER": ""], ["PAGER": "cat"], ["PAGER": "less", "TERM": "dumb"],
    ["PAGER": "less", "SUDO_USER": "ann"], ["PAGER": "less", "SUDO_UID": "1000"],
    ["PAGER": "less", "DOAS_USER": "ann"], ["PAGER": "less", "PKEXEC_UID": "1000"],
    ["PATH": "/var/empty"],
  ])
  func `there is none`(_ variables: [String: String]) {
    #expect(command(variables) == nil)
  }

  @Test func `without a terminal there is none`() {
    #expect(command(["PAGER": "less"], height: nil) == nil)
  }
}
