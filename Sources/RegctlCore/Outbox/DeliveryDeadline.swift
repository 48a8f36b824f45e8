/// The deadlines of a delivery pass.
struct DeliveryDeadline {
  /// No mail is started after this time.
  let lastStart: ContinuousClock.Instant

  /// Connections are closed at this time without waiting.
  let end: ContinuousClock.Instant

  /// The deadlines of a pass that starts now; `grace` is the additional time for mails in flight.
  init(after limit: Duration, grace: Duration) {
    lastStart = .now + limit
    end = lastStart + grace
  }
}
