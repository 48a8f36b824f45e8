/// What the rows of the audit have, and what the chain covers of them.
enum AuditForm: Sendable {
  /// Addresses and reasons, which the chain covers: before schema 5.
  case plain

  /// Commitments, so that addresses and reasons can be erased.
  case committed

  /// The first version of the schema with commitments.
  static let firstCommittedVersion: Int64 = 5

  /// The columns that only the later form has, by placeholder. `{facts}` is the column with what
  /// regctl itself wrote about an act, which once began the reason.
  var columns: [String: String] {
    let added = ["new_email", "detail", "nonce", "commitment"]
    switch self {
    case .plain:
      return Dictionary(uniqueKeysWithValues: added.map { ($0, "CAST(NULL AS TEXT)") })
        .merging(["facts": "reason"]) { $1 }
    case .committed:
      return Dictionary(uniqueKeysWithValues: added.map { ($0, $0) })
        .merging(["facts": "detail"]) { $1 }
    }
  }
}
