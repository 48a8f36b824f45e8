import Glibc
import RegctlCore
import Testing

@testable import regctl

@Suite("PasswordSource") struct PasswordSourceTests {
  @Test func `a password is asked for twice`() throws {
    let world = try World()
    world.answers = ["correct horse", "correct horse"]
    #expect(world.run("register ann@example.org -q") == .ok)
    #expect(world.questions == ["New password: ", "Retype new password: "])
  }

  @Test func `entries that differ are asked for again`() throws {
    let world = try World()
    world.answers = ["correct horse", "correct house", "correct horse", "correct horse"]
    #expect(world.run("register ann@example.org -q") == .ok)
    #expect(world.errorOutput.text == "The two entries differ.\n")
  }

  @Test func `after three attempts it fails`() throws {
    let world = try World()
    world.answers = ["one", "two", "three", "four", "five", "six", "seven", "seven"]
    #expect(world.run("register ann@example.org") == .data)
    #expect(world.answers == ["seven", "seven"])
    #expect(world.errorOutput.text.contains("regctl: error: register: the two passwords differ\n"))
  }

  @Test(arguments: ["register ann@example.org", "create-admin ann@example.org"])
  func `without a terminal an option is needed`(_ line: String) throws {
    let world = try World()
    #expect(world.run(line) == .usage)
    #expect(world.errorOutput.text.contains("hint: use --password-file FILE"))
  }

  @Test func `with --no-input nothing is asked`() throws {
    let world = try World()
    world.answers = ["correct horse", "correct horse"]
    #expect(world.run("register ann@example.org --no-input") == .usage)
    #expect(world.questions.isEmpty)
  }

  @Test func `no password is asked for when the address is taken`() throws {
    let world = try World()
    world.run("register ann@example.org --no-password -q")
    world.answers = ["correct horse", "correct horse"]
    #expect(world.run("register ann@example.org") == .refused)
    #expect(world.questions.isEmpty)
  }

  @Test(arguments: [
    ("correct horse\n", "correct horse"), ("correct horse\r\n", "correct horse"),
    ("correct horse", "correct horse"), ("correct horse\n\n", "correct horse\n"),
    (" correct horse ", " correct horse "),
  ])
  func `one line end is removed from a password`(_ content: String, password: String) throws {
    let world = try World()
    world.input = TypedInput(Array(content.utf8))
    #expect(world.run("create-admin ann@example.org --password-file - -q") == .ok)
    world.input = TypedInput(Array("\(password)\n".utf8))
    #expect(world.run("check ann@example.org --password-file -") == .ok)
  }

  @Test func `a pipe has no permissions to check`() throws {
    let world = try World()
    var pair: [Int32] = [0, 0]
    try #require(pipe(&pair) == 0)
    write(pair[1], "correct horse\n", 14)
    close(pair[1])
    defer { close(pair[0]) }
    #expect(world.run("create-admin ann@example.org -q --password-file /dev/fd/\(pair[0])") == .ok)
  }
}
