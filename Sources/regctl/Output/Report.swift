internal import RegctlCore

/// A value in a result, before any format is chosen.
enum ReportValue: Equatable, Sendable {
  case null
  case boolean(Bool)
  case integer(Int64)
  case text(String)
  case instant(Instant)

  /// A length of time: seconds for programs, rounded for people.
  case duration(Duration)
  case list([ReportValue])
  case object([ReportField])

  init(_ text: String?) { self = text.map(ReportValue.text) ?? .null }
  init(_ instant: Instant?) { self = instant.map(ReportValue.instant) ?? .null }
}

/// A named value.
struct ReportField: Equatable, Sendable {
  let name: String
  let value: ReportValue

  init(_ name: String, _ value: ReportValue) {
    self.name = name
    self.value = value
  }
}

/// A column of a list.
struct Column: Sendable {
  let name: String

  /// Whether it is printed when nobody chooses columns.
  let isUsual: Bool

  /// How wide it is in text at least, where the first rows do not tell.
  let width: Int

  init(_ name: String, isUsual: Bool = true, width: Int = 0) {
    self.name = name
    self.isUsual = isUsual
    self.width = width
  }
}

/// Rows that come in batches, so that a list of any length needs the memory of one.
struct RowList {
  /// The key of the array in JSON.
  let key: String
  let columns: [Column]

  /// The next rows, a value for each column; `nil` at the end.
  let nextBatch: () throws(CommandError) -> [[ReportValue]]?

  /// Whether JSON ends with the number of rows.
  var isCounted = false

  /// Whether each row is work that is done even when nobody reads on.
  var isWork = false

  /// Whether it is a detail of the result and not the result: then jsonl is the object that json is,
  /// and tsv is what stands beside the list there.
  var isDetail = false

  /// A list that is short and known already.
  static func known(_ key: String, _ columns: [Column], _ rows: [[ReportValue]]) -> RowList {
    var rest: [[ReportValue]]? = rows
    return RowList(key: key, columns: columns) { () throws(CommandError) in
      defer { rest = nil }
      return rest
    }
  }
}

/// What a command has to say, for every format at once.
struct Report {
  /// How the result looks to people.
  enum Prose {
    /// What was asked for, a line each.
    case lines([String])
    /// What was done, a sentence a line; `--quiet` drops them.
    case sentences([String])
    /// The same of work that is done row by row, asked for when the last one is.
    case conclusion(() -> [String])
    /// What was done, and those rows of the list that people should see, as aligned columns;
    /// `--quiet` drops both.
    case sentencesAndRows([String], where: ([ReportValue]) -> Bool)
    /// What was done to each row of the list, said as it is read; `--quiet` drops it.
    case sentenceOfEach(([ReportValue]) -> String?)
    /// One column of the list, alone: escaped, or on a terminal only where a program may read it.
    case column(String, isEscaped: Bool = false)
    /// The list as aligned columns.
    case table
    /// Text that is printed as it is, in every format.
    case verbatim(String)
    /// The same in pieces, each appended by a call, until one returns `false`.
    case stream((inout [UInt8]) throws(CommandError) -> Bool)
  }

  /// The keys of the JSON object before the list.
  var fields: [ReportField] = []
  var list: RowList?

  /// The keys of the JSON object after the list, asked for when that has been read to its end.
  var trailingFields: () -> [ReportField] = { [] }
  var prose: Prose

  /// Remarks for people on standard error; `--quiet` drops them.
  var notes: [String] = []

  /// What could be typed next; shown only on a terminal.
  var next: ShellCommand?

  /// How it ended, asked for when the list has been read to its end.
  var conclusion: () -> Conclusion = { .success }

  /// What failed although the rest was done, and the exit code that follows.
  struct Conclusion {
    var failures: [Diagnostic] = []
    var exitCode: ExitCode = .ok

    /// Remarks that only the end of the list allows; `--quiet` drops them.
    var notes: [String] = []

    /// The signal that asked the command to end, and of which it dies when all is said.
    var signal: Int32?

    static let success = Conclusion()

    /// One failure, which decides the exit code.
    static func failure(_ diagnostic: Diagnostic) -> Conclusion {
      Conclusion(failures: [diagnostic], exitCode: diagnostic.exitCode)
    }
  }

  /// A result of sentences.
  static func summary(_ fields: [ReportField], _ lines: String...) -> Report {
    Report(fields: fields, prose: .sentences(lines))
  }

  /// The same with the sentences on standard error, because standard output holds only a secret or mails.
  func besidePayload() -> Report {
    guard case .sentences(let sentences) = prose else { return self }
    var report = self
    report.notes = sentences + notes
    report.prose = .sentences([])
    return report
  }

  /// A result that is a list.
  static func list(_ list: RowList) -> Report { Report(list: list, prose: .table) }
}

extension Account {
  /// The account as JSON shows it everywhere.
  var fields: [ReportField] {
    [
      ReportField("id", .integer(id.rawValue)), ReportField("email", .text(email)),
      ReportField("admin", .boolean(isAdmin)), ReportField("confirmed", .boolean(isConfirmed)),
      ReportField("registered_on", ReportValue(registeredOn)),
      ReportField("confirmed_on", ReportValue(confirmedOn)),
    ]
  }
}
