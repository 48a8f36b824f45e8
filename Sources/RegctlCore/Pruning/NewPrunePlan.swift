internal import System

/// A plan that is written to a new file, completely or not at all.
struct NewPrunePlan: ~Copyable {
  private var file: NewFile
  private let madeAt: Instant
  private let cutoff: Instant?
  private let includesNeverMailed: Bool
  private var count = 0

  /// Begins a plan without accounts; a file that exists is refused before any work is done for it.
  init(
    _ path: String, madeAt: Instant, cutoff: Instant?, includesNeverMailed: Bool
  ) throws(RegctlError) {
    guard try fileAccess(FileSystem.isFree(path)) else {
      throw .file(FileError(operation: "create", path: path, code: FileError.existing))
    }
    let file = try fileAccess(NewFile(path))
    let plan = PrunePlan(
      madeAt: madeAt, cutoff: cutoff, includesNeverMailed: includesNeverMailed, count: 0)
    try fileAccess(file.write(plan.line))
    self.file = file
    self.madeAt = madeAt
    self.cutoff = cutoff
    self.includesNeverMailed = includesNeverMailed
  }

  /// Appends accounts.
  mutating func add(_ entries: [PrunePlan.Entry]) throws(RegctlError) {
    try fileAccess(file.write(entries.flatMap(\.line)))
    count += entries.count
  }

  /// Writes the number of accounts, which is known only now, into the first line, and publishes the
  /// file.
  mutating func publish() throws(RegctlError) {
    let plan = PrunePlan(
      madeAt: madeAt, cutoff: cutoff, includesNeverMailed: includesNeverMailed, count: count)
    try fileAccess(file.rewind())
    try fileAccess(file.write(plan.line))
    try fileAccess(file.publish())
  }
}
