import RegctlCore

@testable import regctl

extension World {
  /// A world in which Ann was registered the day before yesterday and confirmed by hand, Bob
  /// yesterday, and Joanna today.
  static func withDatedAccounts() throws -> World {
    let world = try World()
    world.register("ann")
    world.run("confirm --email ann@example.org --reason called -q")
    for name in ["bob", "joanna"] {
      world.now = world.now + .seconds(86_400)
      world.register(name)
    }
    return world
  }
}
