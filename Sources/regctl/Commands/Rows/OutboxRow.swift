internal import RegctlCore

/// A mail of the outbox.
struct OutboxRow: ResultRow {
  static let columns = [
    Column("id"), Column("email"), Column("purpose"), Column("state"), Column("attempts"),
    Column("next_attempt_at"), Column("last_reply"), Column("possible_duplicate", isUsual: false),
    Column("message_id", isUsual: false), Column("queued_at"), Column("sent_at"),
  ]

  let mail: OutboxEntry

  var cells: [ReportValue] {
    [
      .integer(mail.id.rawValue), .text(mail.email), .text(mail.purpose.rawValue),
      .text(mail.state.rawValue), .integer(Int64(mail.attempts)), ReportValue(mail.nextAttemptAt),
      ReportValue(mail.lastReply), .boolean(mail.isPossibleDuplicate), .text(mail.messageID),
      .instant(mail.queuedAt), ReportValue(mail.sentAt),
    ]
  }
}
