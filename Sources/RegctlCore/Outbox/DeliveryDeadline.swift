/// When a pass over the outbox must come to its end.
struct DeliveryDeadline {
  /// From here on no further mail is begun.
  let lastStart: ContinuousClock.Instant

  /// From here on nothing is waited for: connections are cut.
  let end: ContinuousClock.Instant

  /// The end of a pass that begins now and has a time limit; `grace` is for mails under way then.
  init(after limit: Duration, grace: Duration) {
    lastStart = .now + limit
    end = lastStart + grace
  }
}
