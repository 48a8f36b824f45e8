internal import Base

/// Reads and writes the dates in the table of accounts, which have no time zone.
///
/// They are local times of one zone, if that is known. But regctl also records, in UTC, when it
/// registers or confirms an account: a date that agrees with such a record, as local time or as
/// UTC, is known exactly. This is how a date is read that regctl wrote in UTC while the zone was not
/// set, and how the two passes of a repeated hour are distinguished.
final class AccountDates {
  /// The zone of dates without an offset; `nil` when it is not known.
  let zone: DatabaseZone?

  /// The offset on a local day, `nil` if it changes. Most dates of a list are of few days, and the
  /// question to glibc takes as long as reading the row.
  private var offsets: [Int64: Int64?] = [:]

  /// The number of days after which the offsets are forgotten, for a table with arbitrary dates.
  private static let greatestOffsetCount = 10_000

  /// The moments that every format can write: the years 0 to 9999.
  private static let readable = -62_167_219_200...Instant.storedSeconds.upperBound

  init(in zone: DatabaseZone?) { self.zone = zone }

  /// Whether all dates are known to be UTC, so that records make no difference.
  var areUTC: Bool { zone?.isUTC == true }

  /// Whether the zone is known.
  var haveZone: Bool { zone != nil }

  // MARK: Writing

  /// The text to store of a moment: local time of the zone, or UTC when it is not known.
  func text(of moment: Instant) -> String { local(at: moment).databaseText }

  /// The text to store of a date in a file.
  func text(of date: ImportedDate) -> String {
    switch date {
    case .stored(let text): text
    case .moment(let moment): text(of: moment)
    }
  }

  private func local(at moment: Instant) -> Instant { zone?.local(at: moment) ?? moment }

  // MARK: Reading

  /// The date of a stored text; `nil` when it is not a date.
  ///
  /// `records` are the seconds, in UTC, in which regctl may have written it.
  func date(_ text: String, records: [Int64] = []) -> AccountDate? {
    Timestamp(text).flatMap { date($0, records: records) }
  }

  /// The date of a stored UTF-8 text.
  func date(utf8 text: ArraySlice<UInt8>, records: [Int64] = []) -> AccountDate? {
    Timestamp(utf8: text).flatMap { date($0, records: records) }
  }

  private func date(_ timestamp: Timestamp, records: [Int64]) -> AccountDate? {
    let local = Instant(timestamp)
    if timestamp.offset != nil || areUTC { return .moment(local) }
    if let recorded = recorded(local, in: records) { return .moment(recorded) }
    guard let zone else { return .local(local) }
    let moment =
      offset(at: local, in: zone).map { local - .seconds($0) } ?? zone.moment(ofLocal: local)
    return Self.readable.contains(moment.seconds) ? .moment(moment) : nil
  }

  /// The latest moment that a stored text may mean; `nil` when it is not a date.
  func latest(_ text: String, records: [Int64] = []) -> Instant? {
    guard let timestamp = Timestamp(text), let date = date(timestamp, records: records) else {
      return nil
    }
    let local = Instant(timestamp)
    guard let zone, timestamp.offset == nil, recorded(local, in: records) == nil,
      offset(at: local, in: zone) == nil
    else { return date.latest }
    return zone.moments(ofLocal: local).upperBound
  }

  /// Whether a stored text is what is stored of a moment, or means it.
  func matches(_ text: String, _ moment: Instant, records: [Int64] = []) -> Bool {
    guard let timestamp = Timestamp(text) else { return false }
    if timestamp.offset == nil, Instant(timestamp) == local(at: moment) { return true }
    return date(timestamp, records: records) == .moment(moment)
  }

  /// The moment of a local time that agrees with a record.
  private func recorded(_ local: Instant, in records: [Int64]) -> Instant? {
    for second in records {
      let record = Instant(seconds: second)
      if local.seconds == second { return local }
      let recordedLocal = self.local(at: record)
      if local.seconds == recordedLocal.seconds { return local - (recordedLocal - record) }
    }
    return nil
  }

  /// The offset at a local time; `nil` when it changes near it.
  private func offset(at local: Instant, in zone: DatabaseZone) -> Int64? {
    let second = local.seconds
    let day = (second - Int64(Int(second).modulo(86_400))) / 86_400
    if let known = offsets[day] { return known }
    if offsets.count == Self.greatestOffsetCount { offsets = [:] }
    let offset = zone.offset(onLocalDay: day)
    offsets[day] = .some(offset)
    return offset
  }
}
