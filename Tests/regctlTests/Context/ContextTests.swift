import RegctlCore
import Testing

@testable import regctl

@Suite("Context") struct ContextTests {
  @Test(arguments: [
    (0, "ann", "ann"), (0, nil, "tester"),
    // As a service's user, with sudo -u.
    (1000, "ann", "ann"), (1000, nil, "tester"),
    // A name is printed on terminals and stored permanently.
    (0, "a\u{1b}[31mnn \u{e9}", "a[31mnn"),
  ])
  func `the actor is the user behind sudo`(_ uid: UInt32, sudoUser: String?, name: String) throws {
    let world = try World(hasDatabase: false)
    world.uid = uid
    world.environment["SUDO_USER"] = sudoUser
    #expect(world.context.actor == Actor(name: name, uid: uid))
  }

  @Test(arguments: [
    ([:], ColorChoice.auto, true, true), ([:], .auto, false, false), ([:], .never, true, false),
    ([:], .always, false, true), (["NO_COLOR": "1"], .auto, true, false),
    (["NO_COLOR": ""], .auto, true, true), (["NO_COLOR": "1"], .always, false, true),
    (["TERM": "dumb"], .auto, true, false), (["CLICOLOR_FORCE": "1"], .auto, false, true),
    (["CLICOLOR_FORCE": "0"], .auto, false, false),
    (["CLICOLOR_FORCE": "1", "NO_COLOR": "1"], .auto, true, false),
  ])
  func `colour is used on terminals unless configured otherwise`(
    _ environment: [String: String], color: ColorChoice, isTerminal: Bool, usesColor: Bool
  ) throws {
    let world = try World(hasDatabase: false)
    world.environment = Environment(environment)
    world.outputIsTerminal = isTerminal
    var globals = GlobalOptions()
    globals.color = color
    #expect(world.context.obeying(globals).usesColor == usesColor)
  }
}
