internal import Base
internal import RegctlCore

extension Diagnostic {
  /// Creates the diagnostic for an alarm of a quiet `deliver`.
  init(_ alarm: DeliveryAlarm, at now: Instant) {
    switch alarm {
    case .stopped(let fault):
      self.init(.delivery(fault), now: now, isVerbose: false)
    case .overdue(let since):
      self.init(
        .mailDeferred, .temporary, "mail has been due for \(TextRenderer.words(now - since))",
        hint: "regctl status")
    case .held(let count):
      self = .held(count)
    case .expired(let count):
      self.init(
        .mailUnavailable, .unavailable,
        "\(Plural.count(count, "mail")) "
          + Plural.form(count, "was not accepted in time", "were not accepted in time"),
        hint: "regctl list-outbox --state expired --newest")
    case .refused(let count, let total):
      self.init(
        .mailUnavailable, .unavailable,
        "\(count) of the \(Plural.count(total, "mail")) of the last day "
          + Plural.form(count, "was refused", "were refused"),
        hint: "regctl list-outbox --state failed --newest")
    }
  }
}
