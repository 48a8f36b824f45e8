internal import CPQ
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
    var settings: [ConnectionParameters.Setting] = []
    var option = unsafe options
    while let keyword = unsafe option.pointee.keyword {
      if let value = unsafe option.pointee.val {
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
