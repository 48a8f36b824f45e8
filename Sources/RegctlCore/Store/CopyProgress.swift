/// How far the copy of a whole database is.
package enum CopyProgress: Equatable, Sendable {
  /// Pages and indexes are checked; how many is not known.
  case checking

  /// The content is copied into a new file or an empty database.
  case copying(Count)

  /// Rows are read back and compared.
  case comparing(Count)

  /// The content of an existing file is replaced.
  case replacing(Count)

  /// What is done in a step, and how much there is to do.
  package struct Count: Equatable, Sendable {
    package enum Unit: String, Sendable {
      case page, row
    }

    package let done: Int
    package let total: Int
    package let unit: Unit

    init(pages done: Int, of total: Int) { (self.done, self.total, unit) = (done, total, .page) }

    init(rows done: Int, of total: Int) { (self.done, self.total, unit) = (done, total, .row) }
  }

  /// Takes reports; without one, nothing is counted for them.
  package typealias Report = (CopyProgress) -> Void
}
