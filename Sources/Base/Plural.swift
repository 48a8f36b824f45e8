/// Words that agree with a number.
package enum Plural {
  /// A number and what it counts: `1 account`, `2 accounts`.
  ///
  /// The plural is the singular and an `s`, unless it is given: `1 line was`, `2 lines were`.
  package static func count(_ count: Int, _ singular: String, _ plural: String? = nil) -> String {
    "\(count) \(form(count, singular, plural))"
  }

  /// The words alone that agree with a number: `was`, `were`.
  package static func form(_ count: Int, _ singular: String, _ plural: String? = nil) -> String {
    count == 1 ? singular : plural ?? "\(singular)s"
  }
}
