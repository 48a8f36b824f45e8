internal import RegctlCore

/// What an import has come to, as its batches are asked for.
final class ImportResult {
  private let run: RegctlCore.Import
  private let isDryRun: Bool
  private let context: Context
  private let tally: Tally
  private var imported = 0
  private var unchanged = 0
  private var refused = 0
  private var interruption: Diagnostic?

  private static let columns = [Column("line"), Column("email"), Column("error")]

  init(_ run: RegctlCore.Import, isDryRun: Bool, context: Context) {
    self.run = run
    self.isDryRun = isDryRun
    self.context = context
    tally = Tally(context: context)
  }

  var report: Report {
    var list = RowList(
      key: "failures", columns: Self.columns,
      nextBatch: { () throws(CommandError) in try self.nextBatch() })
    list.isWork = true
    list.isDetail = true
    var report = Report(
      fields: [ReportField("dry_run", .boolean(isDryRun))], list: list,
      prose: .conclusion { self.sentences })
    report.trailingFields = {
      [
        ReportField("imported", .integer(Int64(self.imported))),
        ReportField("unchanged", .integer(Int64(self.unchanged))),
        ReportField("refused", .integer(Int64(self.refused))),
      ]
    }
    report.conclusion = { self.conclusion }
    return report
  }

  /// Imports some lines and returns a row for each that was refused.
  private func nextBatch() throws(CommandError) -> [[ReportValue]]? {
    if interruption != nil { return nil }
    let batch: RegctlCore.Import.Batch?
    do throws(CommandError) {
      batch = try core { () throws(RegctlError) in try run.nextBatch() }
    } catch {
      // What was imported before is said all the same.
      guard imported + unchanged + refused > 0 else { throw error }
      interruption = Diagnostic(error, now: context.now, isVerbose: context.globals.verbose)
      return nil
    }
    guard let batch else { return nil }
    imported += batch.imported
    unchanged += batch.unchanged
    refused += batch.refusals.count
    tally.succeed(batch.imported + batch.unchanged)
    return batch.refusals.map { refusal in
      let diagnostic = tally.fail(.core(.importing(refusal.error)))
      // In a file whose columns are in another order, a hash may stand where the address should.
      let email = refusal.email.flatMap { SecretText.isSecret($0) ? nil : $0 }
      return [
        .integer(Int64(refusal.error.line)), ReportValue(email), diagnostic.fields[1].value,
      ]
    }
  }

  private var sentences: [String] {
    var parts = [
      (isDryRun ? "Would import " : "Imported ")
        + "\(imported) \(imported == 1 ? "account" : "accounts")"
    ]
    if unchanged > 0 {
      parts.append("\(unchanged) \(unchanged == 1 ? "was" : "were") there already")
    }
    if refused > 0 {
      parts.append("\(refused) \(refused == 1 ? "line was" : "lines were") refused")
    }
    return [parts.joined(separator: "; ") + "."]
  }

  private var conclusion: Report.Conclusion {
    var conclusion = tally.conclusion
    if refused > 0 {
      let last = Diagnostic.linesRefused(
        refused, of: imported + unchanged + refused, isHeard: refused <= Tally.keptFailures)
      conclusion.failures[conclusion.failures.count - 1] = last
      conclusion.exitCode = last.exitCode
    }
    if let interruption {
      conclusion.failures.append(interruption)
      conclusion.exitCode = interruption.exitCode
    }
    return conclusion
  }
}
