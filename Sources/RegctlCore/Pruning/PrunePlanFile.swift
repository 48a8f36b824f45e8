internal import System

/// A plan in a file, which can be read repeatedly with a few accounts in memory.
package final class PrunePlanFile {
  let plan: PrunePlan
  private let lines: FileLines
  private var count = 0
  private var hasEnded = false

  /// Whether the file was read to its end once and every line was valid.
  private var isProven = false

  /// Opens a plan and reads its first line.
  package init(path: String) throws(RegctlError) {
    let lines = try fileAccess(
      FileLines(rereading: path, limit: PrunePlan.maximumLineByteCount))
    let first = try fileAccess(lines.next()) ? Array(lines.record) : []
    do throws(PrunePlan.Fault) {
      plan = try PrunePlan(line: first)
    } catch {
      throw .prune(.plan(path: path, line: 1, error))
    }
    self.lines = lines
  }

  var path: String { lines.path }

  /// The next accounts; `nil` at the end, whose position must match the first line.
  func next(atMost limit: Int) throws(RegctlError) -> [PrunePlan.Entry]? {
    var entries: [PrunePlan.Entry] = []
    while !hasEnded, entries.count < limit {
      guard try fileAccess(lines.next()) else {
        hasEnded = true
        if count < plan.count { throw fault(.count(count, expected: plan.count)) }
        isProven = true
        break
      }
      do throws(PrunePlan.Fault) {
        guard !lines.isTooLong else { throw .notAnAccount }
        entries.append(try PrunePlan.Entry(line: Array(lines.record)))
      } catch {
        throw fault(error)
      }
      count += 1
      if count > plan.count { throw fault(.count(count, expected: plan.count)) }
    }
    return entries.isEmpty ? nil : entries
  }

  /// Goes back to the first account.
  func rewind() throws(RegctlError) {
    try fileAccess(lines.rewind())
    _ = try fileAccess(lines.next())
    (count, hasEnded) = (0, false)
  }

  private func fault(_ fault: PrunePlan.Fault) -> RegctlError {
    .prune(.plan(path: path, line: max(lines.number, 1), isProven ? .changed : fault))
  }
}
