internal import Base
internal import Glibc
internal import Synchronization
internal import System

/// The time zone of the application's own dates: it stores local time without a zone.
package struct LegacyZone: Equatable, Sendable {
  /// Its name in the time zone database, such as `Europe/Berlin`.
  package let name: String

  /// The greatest offset from UTC of any zone, assumed when the zone is unknown.
  package static let greatestOffset = Duration.seconds(14 * 3600)

  private static let utc = "UTC"

  /// The reason why a name is invalid.
  package enum Fault: Error, Equatable, Sendable {
    case unknown(suggestion: String?)
    /// The system has no time zone database.
    case noZones(directory: String)
  }

  /// A zone in the system's database; UTC needs no database.
  init(_ name: String) throws(Fault) {
    self.name = name
    if name == Self.utc || Self.isZone(name) { return }
    guard let names = try? Self.names(), !names.isEmpty else {
      throw .noZones(directory: Self.directory)
    }
    throw .unknown(suggestion: Self.suggestion(for: name, among: names))
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
    if let same = ([utc] + names).first(where: { $0.lowercased() == folded }) { return same }
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

  /// The instants at which clocks in the zone showed a local time, given as if it were UTC.
  ///
  /// There are two in the hour that is repeated when summer time ends. For a skipped time, which no
  /// application can have written, they follow from the offsets before and after.
  func moments(ofLocal local: Instant) -> ClosedRange<Instant> {
    if name == Self.utc { return local...local }
    // No zone changes its offset twice within these two days.
    let offsets = offsets(at: [local - .seconds(86_400), local + .seconds(86_400)])
    let moments = offsets.map { local - .seconds($0) }
    let real = zip(moments, self.offsets(at: moments)).filter { moment, offset in
      moment + .seconds(offset) == local
    }.map(\.0)
    let found = (real.isEmpty ? moments : real).sorted()
    return found[0]...found[found.count - 1]
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
