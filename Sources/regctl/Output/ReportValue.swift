internal import RegctlCore

/// A value in a result, independent of the format.
enum ReportValue: Equatable, Sendable {
  case null
  case boolean(Bool)
  case integer(Int64)
  case text(String)
  case instant(Instant)

  /// A local time of an unknown zone, given as if it were UTC.
  case local(Instant)

  /// A duration: seconds in JSON and TSV, rounded in text.
  case duration(Duration)
  case list([ReportValue])
  case object([ReportField])

  init(_ text: String?) { self = text.map(ReportValue.text) ?? .null }
  init(_ instant: Instant?) { self = instant.map(ReportValue.instant) ?? .null }
  init(_ date: AccountDate?) {
    self =
      switch date {
      case .moment(let moment): .instant(moment)
      case .local(let local): .local(local)
      case nil: .null
      }
  }

  init(_ number: Int64?) { self = number.map(ReportValue.integer) ?? .null }
  init(_ number: Int) { self = .integer(Int64(number)) }

  /// A failure as an object, or `null`.
  init(_ diagnostic: Diagnostic?) { self = diagnostic?.object ?? .null }
}

/// A named value.
struct ReportField: Equatable, Sendable {
  let name: String
  let value: ReportValue

  init(_ name: String, _ value: ReportValue) {
    self.name = name
    self.value = value
  }
}

extension Account {
  /// The members of an account in JSON.
  var fields: [ReportField] {
    [
      ReportField("id", .integer(id.rawValue)), ReportField("email", .text(email)),
      ReportField("admin", .boolean(isAdmin)), ReportField("confirmed", .boolean(isConfirmed)),
      ReportField("locked", .boolean(isLocked)),
      ReportField("registered_on", ReportValue(registeredOn)),
      ReportField("confirmed_on", ReportValue(confirmedOn)),
    ]
  }
}
