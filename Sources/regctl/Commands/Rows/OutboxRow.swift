internal import RegctlCore

/// A mail of the outbox.
struct OutboxRow: ResultRow {
  static let columns: [Column] = [
    Column("id", rank: 0), .email, Column("purpose", rank: 3),
    Column("state", rank: 0, isState: true), Column("attempts", rank: 4),
    Column("next_attempt_at", rank: 2), Column("last_reply", least: 12),
    Column("possible_duplicate", isUsual: false, rank: 4),
    Column("message_id", isUsual: false, rank: 5, least: 12), Column("queued_at", rank: 5),
    Column("sent_at", rank: 6),
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
