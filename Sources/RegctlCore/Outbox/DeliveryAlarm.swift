/// A reason why a quiet `deliver` speaks: mail does not go as mail may go.
package enum DeliveryAlarm: Equatable, Sendable {
  /// The pass ended early: the server takes no mail from here, or cannot be used.
  case stopped(DeliveryError)
  /// A mail has been due for longer than `mail_alarm_after`.
  case overdue(since: Instant)
  /// Mails expired for a reason that is not their recipients'.
  case expired(count: Int)
  /// Of the mails that had a result within a day, more than `mail_alarm_refused` were refused.
  case refused(count: Int, of: Int)

  /// Confirmation mails are held, because far more accounts register than usually.
  case held(count: Int)

  /// The name under which the store keeps when the alarm was last raised.
  var moment: Moment {
    switch self {
    case .stopped: .stoppedAlarm
    case .overdue: .overdueAlarm
    case .expired: .expiredAlarm
    case .refused: .refusedAlarm
    case .held: .heldAlarm
    }
  }
}

extension DeliveryAlarm {
  /// What is to be said after a pass.
  package struct Report: Equatable, Sendable {
    /// The alarms that were not raised within the last hour.
    package internal(set) var raised: [DeliveryAlarm] = []

    /// Whether there are others.
    package internal(set) var hasMuted = false

    /// A report that nothing is wrong.
    package init() {}
  }

  /// How long an alarm is not repeated.
  static let pause = Duration.seconds(3600)

  /// The fewest mails that tell a share.
  static let leastMails = 20

  /// What is wrong after a pass, and notes what is raised now.
  ///
  /// `summary` is `nil` if another process was delivering.
  package static func report(
    after summary: DeliverySummary?, in store: Store, _ configuration: Configuration,
    at now: Instant
  ) throws(RegctlError) -> Report {
    let alarms = try all(after: summary, in: store, configuration, at: now)
    if alarms.isEmpty { return Report() }
    return try store.transaction { () throws(RegctlError) in
      var report = Report()
      for alarm in alarms {
        // A moment in the future is one of a clock that was wrong.
        if let last = try store.moment(alarm.moment), last <= now, now < last + pause {
          report.hasMuted = true
        } else {
          report.raised.append(alarm)
          try store.set(alarm.moment, to: now)
        }
      }
      return report
    }
  }

  private static func all(
    after summary: DeliverySummary?, in store: Store, _ configuration: Configuration,
    at now: Instant
  ) throws(RegctlError) -> [DeliveryAlarm] {
    var alarms: [DeliveryAlarm] = []
    if let fault = summary?.stopped {
      alarms.append(.stopped(fault))
    } else if let since = try store.nextAttempt(), since + configuration.mailAlarmAfter < now {
      alarms.append(.overdue(since: since))
    }
    if let summary, let expired = try expired(in: summary, store) { alarms.append(expired) }
    if let summary, summary.held > 0 { alarms.append(.held(count: summary.held)) }
    if let summary, summary.count(.failed) > 0 {
      let (refused, finished) = try store.refusedMails(since: now - .seconds(86_400))
      if finished >= leastMails, refused * 100 > finished * configuration.mailAlarmRefused {
        alarms.append(.refused(count: refused, of: finished))
      }
    }
    return alarms
  }

  /// The mails of a pass that expired, but for a mailbox that was full, for example.
  private static func expired(
    in summary: DeliverySummary, _ store: Store
  ) throws(RegctlError) -> DeliveryAlarm? {
    var count = 0
    for result in summary.results where result.state == .expired {
      switch RefusalCause(reply: try store.mail(result.id)?.lastReply) {
      case .address, .mailbox: break
      case .sender, .unknown: count += 1
      }
    }
    return count > 0 ? .expired(count: count) : nil
  }
}
