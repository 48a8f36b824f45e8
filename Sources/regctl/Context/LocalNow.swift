internal import Base
internal import RegctlCore

/// The current time by the clocks of the user, whose zone is that of the variable `TZ`, or UTC.
struct LocalNow: Sendable {
  let instant: Instant

  /// The value of `TZ`.
  private let variable: String?

  init(_ instant: Instant, variable: String?) {
    self.instant = instant
    self.variable = variable
  }

  /// The zone of the clocks.
  ///
  /// Computed, so that the time zone database is read only for a time that depends on it.
  var zone: DatabaseZone {
    // Unlike for tzset(3), UTC without the variable: what a script selects is the same everywhere.
    guard let variable, !variable.isEmpty else { return .utc }
    return .ofClocks(variable: variable)
  }

  /// The current day, counted since 1970.
  var day: Int64 { Int64(zone.local(at: instant).civil.daysSince1970) }

  /// The first instant of a day, counted since 1970.
  func start(ofDay day: Int64) -> Instant {
    // The first one, if clocks showed midnight twice.
    zone.moment(ofLocal: Instant(seconds: day * Self.secondsPerDay))
  }

  private static let secondsPerDay: Int64 = 86_400
}
