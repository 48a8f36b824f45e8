import RegctlCore

@testable import regctl

extension World {
  /// A world in which Ann and Bob were imported long ago and are unconfirmed.
  static func withStaleAccounts() throws -> World {
    let world = try World()
    world.input = TypedInput(
      Array("email,registered_on\nann@example.org,2026-01-01\nbob@example.org,2026-01-02\n".utf8))
    world.run("import - -q")
    // A recent audit entry keeps an account.
    world.now = world.now + .seconds(60 * 86_400)
    return world
  }
}
