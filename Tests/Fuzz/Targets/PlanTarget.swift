internal import Base

@testable import RegctlCore

/// Lines of a plan to prune, and the dates and lengths of time in them.
struct PlanTarget: FuzzTarget {
  static let name = "plan"

  func check(_ input: [UInt8]) {
    if let plan = try? PrunePlan(line: input) {
      Property.require(plan.count >= 0, "a plan has no negative number of accounts")
      let again = try? PrunePlan(line: plan.line)
      Property.require(again.map(\.line) == plan.line, "a plan is read as it was written")
      Property.require(again?.count == plan.count, "a plan keeps its number of accounts")
    }
    if let entry = try? PrunePlan.Entry(line: input) {
      let again = try? PrunePlan.Entry(line: entry.line)
      Property.require(again.map(\.line) == entry.line, "an account is read as it was written")
      Property.require(again?.id == entry.id, "an account keeps its number")
      Property.require(
        again?.stored.utf8.elementsEqual(entry.stored.utf8) ?? false, "a date is kept as stored")
    }
    guard let text = String(validating: input, as: UTF8.self) else { return }
    requireDate(text)
    requireTimeSpan(text)
  }

  private func requireDate(_ text: String) {
    guard let instant = Instant(parsing: text) else { return }
    // An offset may lead to the day before the first year, or behind the last.
    guard (0...9999).contains(instant.civil.year) else { return }
    Property.require(
      Instant(parsing: instant.databaseText) == instant, "a date is read as it is stored")
    Property.require(
      Instant(parsing: instant.rfc3339)?.seconds == instant.seconds, "a date is read as it is shown"
    )
    for span in [Duration.seconds(100_000), .seconds(315_360_000_000)] {
      for moment in [instant + span, instant - span] {
        _ = (moment.databaseText, moment.rfc3339, moment.minuteText, moment.localText)
      }
    }
    var copied: [UInt8] = []
    let bytes = Array(text.utf8)
    if bytes.withUnsafeBytes({ PlainBytes.appendRFC3339(copying: $0, to: &copied) }) {
      Property.require(
        copied == Array(instant.rfc3339.utf8), "the short way to show a date is the same")
    }
    Property.require(AccountDate(parsing: text) != nil, "a date of an account is a date")
    _ = ImportedDate(text)
  }

  private func requireTimeSpan(_ text: String) {
    guard case .finite(let duration) = try? TimeSpan(text) else { return }
    Property.require(
      duration >= .zero && duration <= .seconds(315_360_000_000), "a length of time is in range")
  }
}
