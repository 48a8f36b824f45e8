import Foundation
package import Testing

/// The engine that a run of the tests is for: `REGCTL_TEST_ENGINE` is `sqlite`, the default, or
/// `postgresql`.
package enum TestEngine: String, Sendable {
  case sqlite, postgresql

  /// The engine of this run.
  package static let current: TestEngine = {
    guard let name = ProcessInfo.processInfo.environment["REGCTL_TEST_ENGINE"] else {
      return .sqlite
    }
    guard let engine = TestEngine(rawValue: name) else {
      fatalError("REGCTL_TEST_ENGINE is \(name), not sqlite or postgresql")
    }
    return engine
  }()
}

extension Trait where Self == ConditionTrait {
  /// Runs a test only in runs for one engine.
  package static func only(_ engine: TestEngine, _ reason: Comment) -> Self {
    .enabled(if: TestEngine.current == engine, reason)
  }

  /// Runs a test in the runs for SQLite alone, because it is the same for each engine: it starts a
  /// server itself, or has no database.
  package static var once: Self { only(.sqlite, "it is the same for each engine") }
}
