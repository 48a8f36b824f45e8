/// What a report said about a mail or an address, as it is kept.
package struct BounceRecord: Equatable, Sendable {
  /// What a report says.
  package enum Result: String, CaseIterable, Sendable {
    /// The mail was not delivered, for good.
    case bounced
    /// The mail is delayed, or was given up after a temporary failure.
    case delayed
    /// The mail was refused for a fault on this side: policy, reputation, rights.
    case declined
    /// The report names only a recipient that was mailed: anybody can write one.
    case unverified
  }

  package let id: Int64

  /// `nil` for a report that identifies no mail.
  package let mail: MailID?

  /// The number of the account, negative if it is gone.
  package let account: AccountID?

  /// The address that was mailed.
  package let email: String

  /// When the report was read.
  package let at: Instant
  package let result: Result

  /// The enhanced status code: `5.1.1`.
  package let status: String?

  /// The words of the server that refused the mail.
  package let reply: String?

  /// The name of the server that reports.
  package let reporter: String?

  /// Whether the report puts the address on the ledger of addresses that get no further mail.
  package let suppresses: Bool

  /// When the address was taken off the ledger.
  package let clearedAt: Instant?

  /// Whether the address is on the ledger because of this report.
  package var isOnLedger: Bool { suppresses && clearedAt == nil }
}

/// A report to be kept.
struct NewBounceRecord: Equatable, Sendable {
  let mail: MailID?
  let account: AccountID?
  let email: String
  let result: BounceRecord.Result
  let status: String?
  let reply: String?
  let reporter: String?
  let suppresses: Bool
}
