internal import Base
internal import Glibc
internal import Synchronization
internal import System

/// The time zone of the dates in the table of accounts, which are stored without a zone.
package struct DatabaseZone: Equatable, Sendable {
  /// Its name in the time zone database, such as `Europe/Berlin`, or another value of `TZ`.
  package let name: String

  /// The greatest offset from UTC of any zone, assumed when the zone is not known.
  package static let greatestOffset = Duration.seconds(14 * 3600)

  /// More than any local time has differed from UTC.
  static let greatestDifference = Duration.seconds(86_400)

  private static let utcName = "UTC"

  /// UTC, which needs no time zone database.
  package static let utc = DatabaseZone(unchecked: utcName)

  private init(unchecked name: String) { self.name = name }

  /// The reason why a name is invalid.
  package enum Fault: Error, Equatable, Sendable {
    case unknown(suggestion: String?)
    /// The system has no time zone database.
    case noZones(directory: String)
  }

  /// A zone in the system's database.
  init(_ name: String) throws(Fault) {
    self.name = name
    if name == Self.utcName || Self.isZone(name) { return }
    guard let names = try? Self.names(), !names.isEmpty else {
      throw .noZones(directory: Self.directory)
    }
    throw .unknown(suggestion: Self.suggestion(for: name, among: names))
  }

  /// The zone in which programs of this system show local time: that of the variable `TZ`, or of
  /// the file to which `/etc/localtime` links; `nil` when neither names a zone. See tzset(3).
  package static func ofSystem(
    variable: String?, link: String = "/etc/localtime"
  ) -> DatabaseZone? {
    if let variable {
      let name = withoutColon(variable)
      return zone(named: name.isEmpty ? utcName : name)
    }
    guard let place = try? ResolvedPath(link), place.status != nil else { return nil }
    let parts = place.path.split(separator: "/")
    guard let directory = parts.lastIndex(of: "zoneinfo") else { return nil }
    return zone(named: parts[(directory + 1)...].joined(separator: "/"))
  }

  /// The zone of `ofSystem`, or else what glibc makes of the variable or the file: a rule such as
  /// `CET-1CEST`, a file that has no name in the time zone database, or UTC. See tzset(3).
  package static func ofClocks(
    variable: String?, file: String = "/etc/localtime"
  ) -> DatabaseZone {
    ofSystem(variable: variable, link: file)
      ?? DatabaseZone(unchecked: variable.map(withoutColon) ?? file)
  }

  /// The value of `TZ` without the colon that can precede it.
  private static func withoutColon(_ variable: String) -> String {
    variable.utf8.first == UInt8(ascii: ":") ? String(variable.dropFirst()) : variable
  }

  private static func zone(named name: String) -> DatabaseZone? {
    // An invalid name names no zone.
    let zone = try? DatabaseZone(name)
    return zone?.isUTC == true ? .utc : zone
  }

  // MARK: Names

  /// The directory of the zones. See tzset(3).
  private static var directory: String {
    guard let path = unsafe getenv("TZDIR") else { return "/usr/share/zoneinfo" }
    return unsafe String(cString: path)
  }

  /// Whether a name refers to a zone file inside the directory; see tzfile(5).
  private static func isZone(_ name: String) -> Bool {
    let isName = name.utf8.allSatisfy { byte in
      byte.isLetterOrDigit || "_+-/".utf8.contains(byte)
    }
    guard isName, !name.isEmpty, name.utf8.first != UInt8(ascii: "/"), name.utf8.count <= 255
    else { return false }
    // glibc does not use a file that it cannot read either.
    let beginning = try? FileSystem.read("\(directory)/\(name)", atMost: 3)
    return beginning == Array("TZif".utf8)
  }

  /// The names of the zones, except those with more than one slash.
  private static func names() throws(RegctlError) -> [String] {
    var names: [String] = []
    for name in try fileAccess(FileSystem.names(in: directory))
    where name.utf8.first?.isCapital == true {
      if let inner = try? FileSystem.names(in: "\(directory)/\(name)") {
        names += inner.map { "\(name)/\($0)" }
      } else {
        names.append(name)
      }
    }
    return names
  }

  private static func suggestion(for name: String, among names: [String]) -> String? {
    let folded = name.lowercased()
    if let same = ([utcName] + names).first(where: { $0.lowercased() == folded }) { return same }
    if let nearest = EditDistance.nearest(to: name, among: names) { return nearest }
    // A city without its continent.
    func city(_ name: String) -> String {
      name.utf8.split(separator: UInt8(ascii: "/")).last.map { String(decoding: $0, as: UTF8.self) }
        ?? ""
    }
    let nearest = EditDistance.nearest(to: city(name), among: names.map(city))
    return nearest.flatMap { nearest in names.first { city($0) == nearest } }
  }

  // MARK: Conversion

  private static let day = Duration.seconds(86_400)

  /// Whether clocks in the zone always show UTC.
  package var isUTC: Bool { name == Self.utcName || name == "Etc/UTC" }

  /// The time that clocks in the zone show at a moment, given as if it were UTC.
  package func local(at moment: Instant) -> Instant {
    isUTC ? moment : moment + .seconds(offsets(at: [moment])[0])
  }

  /// The instants at which clocks in the zone showed a local time, given as if it were UTC.
  ///
  /// There are two in the hour that is repeated when summer time ends. For a skipped time, which no
  /// application can have written, they follow from the offsets before and after.
  func moments(ofLocal local: Instant) -> ClosedRange<Instant> {
    if isUTC { return local...local }
    let candidates = candidates(ofLocal: local)
    let real = candidates.filter(\.isReal)
    let found = (real.isEmpty ? candidates : real).map(\.moment).sorted()
    return found[0]...found[found.count - 1]
  }

  /// The instant of a local time, given as if it were UTC, with the offset before the change where
  /// clocks are changed: a repeated time is the first of the two.
  ///
  /// That is how Python reads a date without `fold` (PEP 495).
  package func moment(ofLocal local: Instant) -> Instant {
    if isUTC { return local }
    let candidates = candidates(ofLocal: local)
    return (candidates.first(where: \.isReal) ?? candidates[0]).moment
  }

  /// The offset from UTC, in seconds, at all times of a local day, counted since 1970; `nil` when it
  /// changes on that day or near it.
  func offset(onLocalDay day: Int64) -> Int64? {
    if isUTC { return 0 }
    let midnight = Instant(seconds: day * 86_400)
    let offsets = offsets(at: [midnight - Self.day, midnight + Self.day + Self.day])
    return offsets[0] == offsets[1] ? offsets[0] : nil
  }

  /// The instants of a local time by the offsets before and after it, and whether clocks showed it
  /// then.
  private func candidates(ofLocal local: Instant) -> [(moment: Instant, isReal: Bool)] {
    // No zone changes its offset twice within three days.
    let moments = offsets(at: [local - Self.day, local + Self.day]).map { local - .seconds($0) }
    return zip(moments, offsets(at: moments)).map { moment, offset in
      (moment: moment, isReal: moment + .seconds(offset) == local)
    }
  }

  /// The zone that glibc currently uses; it has one for the whole process.
  private static let present = Mutex<String?>(nil)

  /// The offsets from UTC of clocks in the zone, in seconds, at some instants.
  ///
  /// The corresponding C functions are `tzset` and `localtime_r`.
  private func offsets(at moments: [Instant]) -> [Int64] {
    Self.present.withLock { present in
      if present != name {
        unsafe setenv("TZ", ":\(name)", 1)
        tzset()
        present = name
      }
      return moments.map { moment in
        var time = time_t(moment.seconds)
        var parts = unsafe tm()
        unsafe localtime_r(&time, &parts)
        return unsafe Int64(parts.tm_gmtoff)
      }
    }
  }
}
