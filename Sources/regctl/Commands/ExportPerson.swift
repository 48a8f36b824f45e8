internal import Base
internal import RegctlCore

/// `export --email`: everything that is known about one person, for that person.
struct ExportPerson {
  let word: String

  func run(in context: Context, to sink: RowSink) throws(CommandError) -> Summary {
    let store = try context.store(context.configuration(), for: .writing)
    let data = try core(
      PersonalData.export(of: word, from: store, at: context.now, by: context.actor))
    sink.document(
      [ReportField("exported_at", .instant(context.now))] + Self.fields(of: data))
    return Summary()
  }

  private static func fields(of data: PersonalData) -> [ReportField] {
    [
      ReportField("email", .text(data.email)),
      ReportField("addresses", .list(data.addresses.map(ReportValue.text))),
      ReportField("account", data.account.map { .object(fields(of: $0)) } ?? .null),
      ReportField("language", ReportValue(data.language?.tag)),
      ReportField(
        "archived",
        .list(
          data.archived.map { account in
            .object(fields(of: account) + fields(of: account.removal))
          })),
      ReportField("mails", .list(data.mails.map { .object(fields(of: $0)) })),
      ReportField("bounces", .list(data.bounces.map { .object(fields(of: $0)) })),
      ReportField("address_changes", .list(data.changes.map { .object(fields(of: $0)) })),
      ReportField("locks", .list(data.locks.map { .object(fields(of: $0)) })),
      ReportField("audit", .list(data.entries.map { .object(fields(of: $0)) })),
    ]
  }

  private static func fields(of account: PersonalAccount) -> [ReportField] {
    [
      ReportField("id", .integer(account.id.rawValue)), ReportField("email", .text(account.email)),
      ReportField("admin", .boolean(account.isAdmin)),
      ReportField("confirmed", .boolean(account.isConfirmed)),
      ReportField("registered_on", ReportValue(account.registeredOn)),
      ReportField("confirmed_on", ReportValue(account.confirmedOn)),
      ReportField(
        "columns",
        .object(account.columns.map { ReportField($0.name, ReportValue($0.value)) })),
      ReportField("omitted", .list(account.omitted.map(ReportValue.text))),
    ]
  }

  private static func fields(of removal: PersonalAccount.Removal?) -> [ReportField] {
    [
      ReportField("removed_at", ReportValue(removal?.at)),
      ReportField("run", ReportValue(removal?.run)),
      ReportField("reason", ReportValue(removal?.reason)),
    ]
  }

  private static func fields(of mail: PersonalData.Mail) -> [ReportField] {
    let entry = mail.entry
    return [
      ReportField("id", .integer(entry.id.rawValue)), ReportField("email", .text(entry.email)),
      ReportField("purpose", .text(entry.purpose.rawValue)),
      ReportField("state", .text(entry.state.rawValue)),
      ReportField("queued_at", .instant(entry.queuedAt)),
      ReportField("finished_at", ReportValue(entry.finishedAt)),
      ReportField("last_reply", ReportValue(entry.lastReply)),
      ReportField("message_id", .text(entry.messageID)),
      ReportField(
        "attempts",
        .list(
          mail.attempts.map { attempt in
            .object([
              ReportField("attempt", ReportValue(attempt.number)),
              ReportField("at", .instant(attempt.at)),
              ReportField("result", .text(attempt.result.rawValue)),
              ReportField("reply", ReportValue(attempt.reply)),
            ])
          })),
    ]
  }

  private static func fields(of bounce: BounceRecord) -> [ReportField] {
    [
      ReportField("at", .instant(bounce.at)), ReportField("email", .text(bounce.email)),
      ReportField("mail", bounce.mail.map { .integer($0.rawValue) } ?? .null),
      ReportField("result", .text(bounce.result.rawValue)),
      ReportField("status", ReportValue(bounce.status)),
      ReportField("reply", ReportValue(bounce.reply)),
      ReportField("reporter", ReportValue(bounce.reporter)),
      ReportField("suppressed", .boolean(bounce.isOnLedger)),
      ReportField("cleared_at", ReportValue(bounce.clearedAt)),
    ]
  }

  private static func fields(of change: PersonalData.Change) -> [ReportField] {
    [
      ReportField("old_email", .text(change.oldEmail)),
      ReportField("new_email", .text(change.newEmail)),
      ReportField("requested_at", .instant(change.requestedAt)),
      ReportField("confirmed_at", ReportValue(change.confirmedAt)),
      ReportField("voided_at", ReportValue(change.voidedAt)),
    ]
  }

  private static func fields(of lock: RegctlCore.Lock) -> [ReportField] {
    [ReportField("at", .instant(lock.at)), ReportField("reason", .text(lock.reason))]
  }

  private static func fields(of entry: AuditEntry) -> [ReportField] {
    [
      ReportField("at", .instant(entry.at)), ReportField("act", .text(entry.act.rawValue)),
      ReportField("email", ReportValue(entry.email)),
      ReportField("new_email", ReportValue(entry.newEmail)),
      ReportField("detail", ReportValue(entry.detail)),
      ReportField("reason", ReportValue(entry.reason)),
    ]
  }
}

extension ReportValue {
  /// A value of a column of the application's own.
  fileprivate init(_ value: ColumnValue) {
    self =
      switch value {
      case .null: .null
      case .integer(let integer): .integer(integer)
      case .real(let real): .text(ColumnValue.digits(of: real))
      case .text(let text): .text(text)
      case .malformedText(let bytes), .blob(let bytes): .text(Hexadecimal.text(of: bytes))
      }
  }
}
