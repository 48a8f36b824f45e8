internal import Base

/// A plan of the accounts that a prune would delete, to be reviewed and applied later.
///
/// The file has one line of JSON for the plan and one for each account.
package struct PrunePlan: Equatable, Sendable {
  package let madeAt: Instant

  /// The time before which accounts must have been registered; `nil` when none is ever pruned.
  package let cutoff: Instant?
  package let includesNeverMailed: Bool

  /// The number of accounts to prune.
  package let count: Int

  /// An account to prune, as it was when the plan was made.
  struct Entry: Equatable, Sendable {
    let id: AccountID
    let email: String
    let registeredOn: AccountDate

    /// The date as stored in the table, which distinguishes it from a later registration.
    let stored: String
  }

  /// The reason why a line of a plan is invalid.
  package enum Fault: Error, Equatable, Sendable {
    /// The first line is not that of a plan.
    case notAPlan
    case unknownVersion(Int64)
    /// The line is not an account of a plan.
    case notAnAccount
    /// The number of accounts differs from the first line.
    case count(Int, expected: Int)
    /// The line was valid when the file was read before; the lines before it may have been applied.
    case changed
    /// A link may still have been valid at the cutoff.
    case shorterThanLinks(Duration)
  }

  private static let version: Int64 = 1

  /// The maximum length of a line.
  static let maximumLineByteCount = 1 << 20
}

// The first line.
extension PrunePlan {
  private static let names = [
    "schema", "plan", "made_at", "cutoff", "include_never_mailed", "accounts",
  ]

  /// The first line, padded with spaces to a length independent of the number of accounts.
  var line: [UInt8] {
    var writer = JSONWriter(.minimal)
    writer.beginObject()
    writer.name("schema")
    writer.value(1)
    writer.name("plan")
    writer.value(Self.version)
    writer.name("made_at")
    writer.value(madeAt.rfc3339)
    writer.name("cutoff")
    writer.value(cutoff?.rfc3339)
    writer.name("include_never_mailed")
    writer.value(includesNeverMailed)
    writer.name("accounts")
    writer.value(Int64(count))
    writer.endObject()
    let blanks = "\(Int.max)".utf8.count - "\(count)".utf8.count
    return writer.bytes + Array(repeating: UInt8(ascii: " "), count: blanks) + [UInt8(ascii: "\n")]
  }

  /// Parses the first line.
  init(line: [UInt8]) throws(Fault) {
    guard let fields = JSONObject(line), let version = fields.integer("plan") else {
      throw .notAPlan
    }
    guard version == Self.version, fields.integer("schema") == 1 else {
      throw .unknownVersion(version)
    }
    guard fields.has(only: Self.names), let madeAt = Self.moment("made_at", in: fields),
      let includesNeverMailed = fields.boolean("include_never_mailed"),
      let count = fields.integer("accounts"), count >= 0
    else { throw .notAPlan }
    let cutoff = Self.moment("cutoff", in: fields)
    guard cutoff != nil || (fields["cutoff"] == .null && count == 0) else { throw .notAPlan }
    self.init(
      madeAt: madeAt, cutoff: cutoff, includesNeverMailed: includesNeverMailed, count: Int(count))
  }

  fileprivate static func moment(_ name: String, in fields: JSONObject) -> Instant? {
    fields.text(name).flatMap(Instant.init(parsing:))
  }
}

// The other lines.
extension PrunePlan.Entry {
  private static let names = ["id", "email", "registered_on", "stored"]

  var line: [UInt8] {
    var writer = JSONWriter(.minimal)
    writer.beginObject()
    writer.name("id")
    writer.value(id.rawValue)
    writer.name("email")
    writer.value(email)
    writer.name("registered_on")
    writer.value(registeredOn.rfc3339)
    writer.name("stored")
    writer.value(stored)
    writer.endObject()
    writer.endLine()
    return writer.bytes
  }

  init(line: [UInt8]) throws(PrunePlan.Fault) {
    guard let fields = JSONObject(line), fields.has(only: Self.names),
      let id = fields.integer("id"), let email = fields.text("email"),
      let registeredOn = fields.text("registered_on").flatMap(AccountDate.init(parsing:)),
      let stored = fields.text("stored")
    else { throw .notAnAccount }
    self.init(
      id: AccountID(rawValue: id), email: email, registeredOn: registeredOn, stored: stored)
  }
}
