import Testing

@testable import regctl

@Suite("ShellCommand") struct ShellCommandTests {
  @Test func `values follow the words, quoted where required`() {
    #expect(ShellCommand("regctl deliver").text == "regctl deliver")
    #expect(ShellCommand("regctl show", "ann@example.org").text == "regctl show ann@example.org")
    #expect(
      ShellCommand("regctl change-email", "a b", "NEW").text == "regctl change-email 'a b' NEW")
    #expect(
      ShellCommand("regctl unprune", "3", options: ["--email": "a;b"]).text
        == "regctl unprune 3 --email 'a;b'")
  }

  @Test func `an operand that begins with a hyphen follows --`() {
    #expect(ShellCommand("regctl show", "-x@y.org").text == "regctl show -- -x@y.org")
    #expect(
      ShellCommand("regctl change-email", "a@b.de", "--help").text
        == "regctl change-email -- a@b.de --help")
    #expect(
      ShellCommand("regctl unprune", "-3", options: ["--email": "-x"]).text
        == "regctl unprune --email=-x -- -3")
  }

  @Test func `a value that looks like an option is joined with =`() {
    #expect(
      ShellCommand("regctl unprune", "3", options: ["--email": "--help"]).text
        == "regctl unprune 3 --email=--help")
  }

  @Test func `a value that no shell accepts is described, not changed`() {
    #expect(ShellCommand("regctl show", "ann@example.org\n").text == "regctl show VALUE")
  }
}
