internal import Glibc

/// Environment variables of libpq. See <https://www.postgresql.org/docs/15/libpq-envars.html>.
enum ConnectionEnvironment {
  /// The variables that contain a secret or change the session. The others say only where and how
  /// to connect.
  private static let refused = [
    "PGPASSWORD", "PGOPTIONS", "PGCLIENTENCODING", "PGDATESTYLE", "PGTZ", "PGGEQO",
    "PGSSLKEYLOGFILE",
  ]

  /// Removes them, before libpq can read them: the same configuration works in a shell and in cron.
  static func clear() {
    for name in refused { unsafe unsetenv(name) }
  }

  /// Calls a body while libpq reads a service's settings as defaults.
  static func withService<Result>(_ name: String?, _ body: () -> Result) -> Result {
    guard let name else { return body() }
    let before = unsafe getenv("PGSERVICE").map { unsafe String(cString: $0) }
    unsafe setenv("PGSERVICE", name, 1)
    defer {
      if let before { unsafe setenv("PGSERVICE", before, 1) } else { unsafe unsetenv("PGSERVICE") }
    }
    return body()
  }
}
