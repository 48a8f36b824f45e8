internal import Base

/// Recognizes an application's table of accounts by the names of its columns.
enum UsersMappingProposal {
  /// Names that applications give a column, the more telling ones first.
  private static let names: [(column: UsersMapping.Column, names: [String])] = [
    (.email, ["email", "email_address", "e_mail", "mail"]),
    (
      .password,
      [
        "password", "password_hash", "hashed_password", "pw_hash", "pwd_hash", "passwd",
        "_password",
        "_password_hash", "encrypted_password", "pw",
      ]
    ),
    (
      .registeredOn,
      [
        "registered_on", "registered_at", "registration_date", "created_at", "created_on",
        "date_created", "date_joined", "joined_at", "joined_on", "member_since", "created",
      ]
    ),
    (.admin, ["admin", "is_admin", "is_superuser", "superuser", "is_administrator"]),
    (
      .confirmed,
      [
        "confirmed", "is_confirmed", "email_confirmed", "is_email_confirmed", "verified",
        "is_verified", "email_verified", "is_email_verified", "account_verified", "activated",
      ]
    ),
    (
      .confirmedOn,
      [
        "confirmed_on", "confirmed_at", "email_confirmed_on", "email_confirmed_at",
        "email_confirmed_date", "verified_on", "verified_at", "email_verified_on",
        "email_verified_at", "activated_at",
      ]
    ),
  ]

  /// A table and its columns, in order.
  struct Table {
    let name: String
    let columns: [String]

    /// The column that is its primary key, if that is one column.
    let key: String?
  }

  /// The mapping for the only table that looks like one of accounts; `nil` when there are none or
  /// several.
  static func mapping(for tables: [Table]) -> UsersMapping? {
    let mappings = tables.compactMap(mapping)
    return mappings.count == 1 ? mappings.first : nil
  }

  private static func mapping(for table: Table) -> UsersMapping? {
    guard let key = table.key, isPlain(table.name), table.columns.allSatisfy(isPlain) else {
      return nil
    }
    var found: [UsersMapping.Column: String] = [.id: key]
    for (column, names) in names {
      found[column] =
        names.lazy.compactMap { name in
          table.columns.first { $0.lowercased() == name }
        }.first
    }
    guard found[.email] != nil, found[.password] != nil,
      let confirmed = found[.confirmed] ?? found[.confirmedOn]
    else { return nil }
    found[.confirmed] = confirmed
    var renamed: [UsersMapping.Column: String?] = [:]
    for column in UsersMapping.Column.allCases where found[column] != column.rawValue {
      renamed.updateValue(found[column], forKey: column)
    }
    return UsersMapping(table: table.name, renamed: renamed)
  }

  /// Whether a name can stand in a configuration file and in a message as it is.
  private static func isPlain(_ name: String) -> Bool {
    !name.isEmpty && name.utf8.allSatisfy { $0.isLetterOrDigit || $0 == UInt8(ascii: "_") }
  }
}
