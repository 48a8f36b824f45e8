internal import Base
internal import SQL

/// An account as the person may see it whose account it is: without its hash, tokens and other
/// secrets.
package struct PersonalAccount: Sendable {
  /// A column of the application's own, and its value.
  package struct Column: Sendable {
    package let name: String
    package let value: ColumnValue
  }

  /// What removed an account, and put it into the archive.
  package struct Removal: Sendable {
    package let at: Instant?

    /// The run that pruned it; `nil` when an operator deleted it.
    package let run: Int64?
    package let reason: String?
  }

  package let id: AccountID
  package let email: String
  package let isAdmin: Bool
  package let isConfirmed: Bool
  package let registeredOn: AccountDate?
  package let confirmedOn: AccountDate?
  package let columns: [Column]

  /// The names of the application's own columns whose value is, or may be, a secret.
  package let omitted: [String]

  /// `nil` for an account that is there.
  package let removal: Removal?

  /// Divides the application's own columns into those that are shown and those that are not.
  static func divide(_ columns: [Column]) -> (shown: [Column], omitted: [String]) {
    var (shown, omitted): ([Column], [String]) = ([], [])
    for column in columns {
      if isSecret(column) { omitted.append(column.name) } else { shown.append(column) }
    }
    return (shown, omitted)
  }

  /// Parts of the names of columns with secrets: `password_reset_token`, `otp_secret`.
  private static let secretWords = [
    "password", "passwd", "token", "secret", "salt", "hash", "otp", "api_key", "apikey",
  ]

  private static func isSecret(_ column: Column) -> Bool {
    let name = column.name.lowercased().utf8
    let isNamed = secretWords.contains { word in
      name.indices.contains { name[$0...].starts(with: word.utf8) }
    }
    if isNamed { return true }
    guard case .text(let text) = column.value else { return false }
    return SecretText.isSecret(text)
  }
}
