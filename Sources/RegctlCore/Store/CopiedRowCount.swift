/// Counts the rows that are copied and compared, and reports them.
final class CopiedRowCount {
  private let report: CopyProgress.Report
  private let total: Int
  private var copied = 0
  private var compared = 0

  /// Reports to a function, of so many rows.
  init(of total: Int, _ report: @escaping CopyProgress.Report) {
    (self.total, self.report) = (total, report)
  }

  func copy(_ count: Int) {
    copied += count
    report(.copying(CopyProgress.Count(rows: copied, of: total)))
  }

  func compare(_ count: Int) {
    compared += count
    report(.comparing(CopyProgress.Count(rows: compared, of: total)))
  }
}
