/// Text that agrees with a number.
package enum Plural {
  /// A number with its noun: `1 account`, `2 accounts`.
  ///
  /// The plural is the singular followed by `s`, unless it is given: `1 line was`, `2 lines were`.
  package static func count(_ count: Int, _ singular: String, _ plural: String? = nil) -> String {
    "\(count) \(form(count, singular, plural))"
  }

  /// The text without the number: `was`, `were`.
  package static func form(_ count: Int, _ singular: String, _ plural: String? = nil) -> String {
    count == 1 ? singular : plural ?? "\(singular)s"
  }
}
