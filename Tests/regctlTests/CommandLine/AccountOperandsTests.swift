import SQL
import Testing

@testable import regctl

@Suite("AccountOperands") struct AccountOperandsTests {
  private static let commands = [
    "delete --reason x --yes", "unconfirm --reason x", "lock --reason x", "unlock", "undelete",
  ]

  /// A world with two accounts, in the state that a command ends.
  private func world(for command: String) throws -> World {
    let world = try World()
    world.register("ann", "bob")
    let emails = "ann@example.org bob@example.org"
    switch command.split(separator: " ")[0] {
    case "unconfirm": world.run("confirm --email \(emails) --reason x -q")
    case "unlock": world.run("lock \(emails) --reason x -q")
    case "undelete": world.run("delete \(emails) --reason x --yes -q")
    default: break
    }
    return world
  }

  @Test(arguments: commands)
  func `operands and the lines of a file are treated alike`(_ command: String) throws {
    let alone = try world(for: command)
    let operands = alone.printed("\(command) ann@example.org bob@example.org")
    for line in ["\(command) --stdin", "\(command) --file -"] {
      let world = try world(for: command)
      world.input = TypedInput(Array("\u{feff} ann@example.org\r\n\n\tbob@example.org \r\n".utf8))
      #expect(world.printed(line) == operands)
    }
    let both = try world(for: command)
    both.input = TypedInput(Array("bob@example.org\n".utf8))
    #expect(both.printed("\(command) ann@example.org --stdin") == operands)
  }

  @Test(arguments: commands)
  func `a line that is not an address changes nothing`(_ command: String) throws {
    let world = try world(for: command)
    let before = try world.rows("SELECT act FROM regctl_audit ORDER BY id")
    world.input = TypedInput(Array("ann@example.org\nbob\n".utf8))
    _ = try world.refusal(of: "\(command) --stdin", endingWith: .data)
    #expect(try world.rows("SELECT act FROM regctl_audit ORDER BY id") == before)
  }

  @Test(arguments: commands)
  func `a file and standard input exclude each other`(_ command: String) throws {
    #expect(try fault(of: "\(command) --file x --stdin") == .conflict("--file", "--stdin"))
  }
}
