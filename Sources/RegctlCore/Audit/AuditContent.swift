internal import Base

/// The fields of an audit entry that the audit chain covers.
///
/// The account is named by the ID that it had when the entry was written. Unlike the column by
/// which the entries of an account are found, that ID never changes.
struct AuditContent: Equatable, Sendable {
  /// What the chain covers of the words of an entry.
  enum Words: Equatable, Sendable {
    /// The detail, and a commitment to what is personal, which is nil if nothing was: see
    /// `PersonalContent`.
    case committed(detail: String?, commitment: String?)

    /// The address and the reason themselves, before schema 5.
    case plain(email: String?, reason: String?)
  }

  let number: Int64

  /// Seconds since 1970.
  let at: Int64
  let actor: String
  let uid: Int64
  let act: String

  /// The ID of the account that the entry is about; `nil` when it is about none or several.
  let subject: Int64?

  /// The hash of the accounts of an entry about several; see `AuditSubjects`.
  let accountsHash: String?
  let words: Words

  /// The entry as a JSON array without whitespace, in the order of the properties.
  var json: [UInt8] {
    var writer = JSONWriter(.minimal)
    writer.beginArray()
    writer.value(number)
    writer.value(at)
    writer.value(actor)
    writer.value(uid)
    writer.value(act)
    writer.value(subject)
    writer.value(accountsHash)
    switch words {
    case .committed(let detail, let commitment):
      writer.value(detail)
      writer.value(commitment)
    case .plain(let email, let reason):
      writer.value(email)
      writer.value(reason)
    }
    writer.endArray()
    return writer.bytes
  }
}

extension AuditContent {
  /// The end of the act of a row that continues the entry of an earlier transaction.
  private static let continuation = "-continued"

  /// Whether the row continues an entry, and is not one of its own.
  var isContinuation: Bool { act.hasSuffix(Self.continuation) }

  /// The kind of the entry that the row is or continues; `nil` if this version does not know it.
  var kind: AuditEntry.Act? {
    AuditEntry.Act(
      rawValue: isContinuation ? String(act.dropLast(Self.continuation.count)) : act)
  }

  /// The content of a numbered row that is being written: an entry, or what a further transaction
  /// of the same command adds to it.
  init(
    _ entry: AuditEntry, number: Int64, accountsHash: String?, continues: Bool = false,
    words: Words
  ) {
    self.init(
      number: number, at: entry.at.seconds, actor: entry.actor.name, uid: Int64(entry.actor.uid),
      act: entry.act.rawValue + (continues ? Self.continuation : ""),
      subject: entry.account?.rawValue, accountsHash: accountsHash, words: words)
  }
}
