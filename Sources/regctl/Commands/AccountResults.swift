internal import RegctlCore

/// Does the same to several accounts or mails, each in a transaction of its own, and reports on each.
enum AccountResults {
  /// What became of one of them.
  struct Success {
    /// The account's address, or the mail's number.
    let subject: ReportValue
    let result: String

    /// The values of the columns between `result` and `error`.
    let details: [ReportValue]
    let sentence: String

    init(email: String, result: String, details: [ReportValue] = [], sentence: String) {
      subject = .text(email)
      self.result = result
      self.details = details
      self.sentence = sentence
    }

    init(mail: OutboxEntry, result: String, sentence: String) {
      subject = .integer(mail.id.rawValue)
      self.result = result
      details = [.text(mail.email)]
      self.sentence = sentence
    }
  }

  /// Runs an act on each word; one word that fails is thrown, of several the others go on.
  static func of(
    _ emails: [String], details: [Column] = [], in context: Context,
    act: (String) throws(CommandError) -> Success
  ) throws(CommandError) -> Report {
    try of(
      emails, named: "email",
      // A token that stands where an address should is not handed on in a result.
      by: { SecretText.isSecret($0) ? .null : .text($0) }, details: details, in: context, act: act)
  }

  /// Runs an act on each mail.
  static func of(
    _ mails: [MailID], in context: Context, act: (MailID) throws(RegctlError) -> Success
  ) throws(CommandError) -> Report {
    try of(
      mails, named: "mail", by: { .integer($0.rawValue) }, details: [Column("email")], in: context,
      act: { id throws(CommandError) in
        try core { () throws(RegctlError) in try act(id) }
      })
  }

  private static func of<Subject>(
    _ words: [Subject], named name: String, by value: (Subject) -> ReportValue,
    details: [Column], in context: Context, act: (Subject) throws(CommandError) -> Success
  ) throws(CommandError) -> Report {
    let columns = [Column(name), Column("result")] + details + [Column("error")]
    if let word = words.first, words.count == 1 {
      let success = try act(word)
      return report(columns, [row(success)], [success.sentence], failures: [], of: 1)
    }
    var rows: [[ReportValue]] = []
    var sentences: [String] = []
    var failures: [Diagnostic] = []
    for word in words {
      do throws(CommandError) {
        let success = try act(word)
        rows.append(row(success))
        sentences.append(success.sentence)
      } catch {
        let diagnostic = Diagnostic(
          error, now: context.now, isVerbose: context.globals.verbose)
        failures.append(diagnostic)
        rows.append(
          [value(word), .text("failed")] + details.map { _ in .null } + [
            diagnostic.fields[1].value
          ])
      }
    }
    return report(columns, rows, sentences, failures: failures, of: words.count)
  }

  private static func row(_ success: Success) -> [ReportValue] {
    [success.subject, .text(success.result)] + success.details + [.null]
  }

  private static func report(
    _ columns: [Column], _ rows: [[ReportValue]], _ sentences: [String],
    failures: [Diagnostic], of count: Int
  ) -> Report {
    var report = Report(
      list: .known("results", columns, rows), prose: .sentences(sentences))
    if !failures.isEmpty {
      report.conclusion = {
        Report.Conclusion(
          failures: failures + [.partial(failed: failures.count, of: count)], exitCode: .refused)
      }
    }
    return report
  }
}

extension Diagnostic {
  /// Some of several operands failed; each was said before.
  static func partial(failed: Int, of count: Int) -> Diagnostic {
    Diagnostic(.partial, .refused, "\(failed) of \(count) failed")
  }
}
