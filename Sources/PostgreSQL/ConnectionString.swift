internal import CPQ
internal import Glibc
package import SQL

/// Connection strings of libpq: URLs, or keywords with values.
package enum ConnectionString {
  /// The settings that a string names. The corresponding C function is `PQconninfoParse`.
  package static func settings(
    in text: String
  ) throws(DatabaseError) -> [ConnectionParameters.Setting] {
    let pq = unsafe try PQLibrary.functions()
    var message: UnsafeMutablePointer<CChar>?
    guard let options = unsafe pq.pointee.PQconninfoParse(text, &message) else {
      defer { unsafe pq.pointee.PQfreemem(message) }
      throw .refused(detail: unsafe CStrings.text(at: message).trimmingLineEnd)
    }
    defer { unsafe pq.pointee.PQconninfoFree(options) }
    return unsafe set(options) { _ in true }
  }

  /// The settings that a string names, behind those of the service that it names and of environment
  /// variables. The corresponding C function is `PQconndefaults`.
  package static func effectiveSettings(
    for text: String
  ) throws(DatabaseError) -> [ConnectionParameters.Setting] {
    let given = try settings(in: text)
    let pq = unsafe try PQLibrary.functions()
    let service = given.last { $0.keyword == "service" }?.value
    let found = unsafe ConnectionEnvironment.withService(service) {
      unsafe pq.pointee.PQconndefaults()
    }
    guard let options = unsafe found else {
      throw .unavailable(detail: "out of memory")
    }
    defer { unsafe pq.pointee.PQconninfoFree(options) }
    let defaults = unsafe set(options) { option in
      // What libpq itself chooses is not set by anybody.
      unsafe option.compiled.map { unsafe strcmp($0, option.val) != 0 } ?? true
    }
    return defaults.filter { setting in !given.contains { $0.keyword == setting.keyword } } + given
  }

  /// The options of an array that have a value, as far as they are wanted.
  private static func set(
    _ options: UnsafePointer<PQconninfoOption>, where isWanted: (PQconninfoOption) -> Bool
  ) -> [ConnectionParameters.Setting] {
    var settings: [ConnectionParameters.Setting] = []
    var option = unsafe options
    while let keyword = unsafe option.pointee.keyword {
      if let value = unsafe option.pointee.val, unsafe isWanted(option.pointee) {
        unsafe settings.append(
          ConnectionParameters.Setting(String(cString: keyword), String(cString: value)))
      }
      unsafe option += 1
    }
    return settings
  }
}

extension String {
  /// The text without a line end behind it.
  fileprivate var trimmingLineEnd: String {
    last == "\n" ? String(dropLast()) : self
  }
}
