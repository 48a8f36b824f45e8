internal import RegctlCore
internal import System

/// Writes the result of a command in the format of the invocation; the only type that matches the
/// format of a result.
///
/// A failure of output does not stop the command: the first one is kept and thrown at the end.
final class RowSink {
  private let output: OutputStream
  private let format: OutputFormat
  private let options: ListOptions
  private let isQuiet: Bool

  /// Whether the output is a terminal, for which untrusted text is escaped in every format.
  private let isTerminal: Bool
  private let style: TextStyle
  private let pager: Pager?
  private var failure: CommandError?

  /// The table that the text format prints, if there is one.
  private var printedTable: PrintedTable?

  /// Whether standard output contains a secret or mails, so sentences go to standard error.
  private(set) var holdsPayload = false

  /// Whether the raw output is the whole result, in every format.
  private var isRaw = false

  /// Whether rows are the whole result in this format.
  private var hasRows = false

  /// Whether a JSON object was begun, which must be completed.
  private var hasOpenObject = false
  private var hasOpenArray = false

  /// Whether the open object contains a secret.
  private var hasOpenSecret = false
  private var rowCount: Int64 = 0
  private var isCounted = false

  /// The fields before a list that is printed in JSON objects only, for the other formats.
  private var leadingFields: [ReportField] = []

  /// Creates a sink for one command.
  init(
    _ output: OutputStream, format: OutputFormat, options: ListOptions, isQuiet: Bool,
    isTerminal: Bool, style: TextStyle = .plain, pager: Pager? = nil
  ) {
    self.output = output
    self.format = format
    self.options = options
    self.isQuiet = isQuiet
    self.isTerminal = isTerminal
    self.style = style
    self.pager = pager
  }

  /// Whether output still has a reader; otherwise lists need not be read from the store.
  var hasReader: Bool { failure == nil }

  /// Appends to the output, and returns whether it still has a reader.
  @discardableResult
  func write(flushing: Bool = false, _ body: (inout [UInt8]) -> Void) -> Bool {
    if failure != nil { return false }
    do throws(CommandError) {
      try output.append(body)
      if flushing { try output.flush() }
    } catch {
      failure = error
    }
    return failure == nil
  }

  // MARK: Documents

  /// Appends an object that is the whole result in every format: indented for people, and a line for
  /// programs.
  func document(_ fields: [ReportField]) {
    let fields = [ReportField("schema", .integer(1))] + fields
    writeRaw { output in
      switch format {
      case .text, .tsv, .csv: IndentedJSON.append(fields, to: &output)
      case .json, .jsonl:
        JSONRenderer.append(fields, to: &output)
        output.append(UInt8(ascii: "\n"))
      }
    }
  }

  // MARK: Raw output

  /// Appends output that is the same in every format, and returns whether it still has a reader.
  @discardableResult
  func writeRaw(flushing: Bool = false, _ body: (inout [UInt8]) -> Void) -> Bool {
    isRaw = true
    return write(flushing: flushing, body)
  }

  /// Reserves standard output for mails: sentences go to standard error. A format other than text,
  /// which would print rows among the mails, is rejected with the reason.
  func reserve(for reason: String, command: String) throws(CommandError) {
    guard format == .text else {
      throw .usage(
        UsageError(
          .invalidValue(option: "--format", value: format.rawValue, expected: .format(reason)),
          command: command))
    }
    holdsPayload = true
  }

  /// Writes and flushes a secret, before the change that makes it effective.
  ///
  /// In text it is a separate line; in JSON it begins the object that `finish` or `fail` completes.
  /// A closed pipe is an error here, since the secret would be lost.
  func announce(_ secret: borrowing SecretBytes) throws(RegctlError) {
    holdsPayload = true
    secret.withBytes { bytes in
      _ = write(flushing: true) { output in
        switch format {
        case .text, .tsv, .csv:
          output += bytes
          output.append(UInt8(ascii: "\n"))
        case .json, .jsonl:
          hasOpenSecret = true
          openObject(in: &output)
          output += ",\"password\":".utf8
          JSONRenderer.append(text: String(decoding: bytes, as: UTF8.self), to: &output)
        }
      }
    }
    guard let failure else { return }
    guard case .output(let error, _) = failure else {
      preconditionFailure("a stream fails by an error of its file")
    }
    throw .announcement(error)
  }

  // MARK: Lists

  /// Begins the list of the result, after the fields that precede it in JSON objects.
  ///
  /// Sentences precede the rows; `--quiet` omits both. JSON objects end with the number of rows if
  /// they are counted.
  @discardableResult
  func list<Row: ResultRow>(
    _ key: String, of type: Row.Type, columns: [Column] = Row.columns,
    after fields: [ReportField] = [], sentences: [String] = [], as layout: TextLayout<Row>,
    isCounted: Bool = false
  ) -> RowList<Row> {
    switch (format, layout) {
    case (.json, _), (.jsonl, .detail):
      self.isCounted = isCounted
      hasOpenArray = true
      write { output in
        openObject(in: &output)
        Self.append(fields, to: &output)
        output.append(UInt8(ascii: ","))
        JSONRenderer.appendKey(key, to: &output)
        output.append(UInt8(ascii: "["))
      }
      return arrayElements(columns)
    case (.text, .detail), (.tsv, .detail), (.csv, .detail):
      leadingFields = fields
      return RowList(sink: self)
    case (.jsonl, _), (.text, .jsonLines):
      return jsonLines(columns)
    case (.csv, .jsonLines):
      // For programs, which read text as it is.
      return records(columns, isRaw: true)
    case (.tsv, _), (.csv, _):
      return records(columns, isRaw: options.isRaw)
    case (.text, .table(let isShown)):
      if isQuiet, !sentences.isEmpty { return RowList(sink: self) }
      writeLines(sentences)
      return table(key, columns, isCounted: isCounted, where: isShown)
    case (.text, .records):
      return table(key, columns, isCounted: isCounted, isWhole: true) { _ in true }
    case (.text, .lines(let line)):
      let isTerminal = isTerminal
      return RowList(sink: self, isFlushed: true) { rows, output in
        for case let text? in rows.lazy.map(line) {
          output += (isTerminal ? TerminalText.escape(text) : text).utf8
          output.append(UInt8(ascii: "\n"))
        }
      }
    case (.text, .none):
      writeLines(isQuiet ? [] : sentences)
      return RowList(sink: self)
    case (.text, .sentences(let sentence)):
      if isQuiet || holdsPayload { return RowList(sink: self) }
      writeLines(sentences)
      return RowList(sink: self, isFlushed: true) { rows, output in
        for line in self.style.wrapped(rows.compactMap(sentence)) { output += "\(line)\n".utf8 }
      }
    }
  }

  /// The names of the columns that are printed of a list with some columns: others need not be
  /// computed.
  func printed(_ columns: [Column]) -> Set<String> {
    switch format {
    case .json: Set(columns.map(\.name))
    case .jsonl: Set(options.fields ?? columns.map(\.name))
    case .text, .tsv, .csv: Set(chosen(columns).map { columns[$0].name })
    }
  }

  /// The names of the columns that are printed of a list as tab-separated cells, in their order; `nil`
  /// if they are printed in another way.
  func tabSeparated(_ columns: [Column]) -> [String]? {
    guard format == .tsv, !isTerminal else { return nil }
    return chosen(columns).map { columns[$0].name }
  }

  /// The positions of the columns to print.
  private func chosen(_ columns: [Column]) -> [Int] {
    guard let fields = options.fields else { return columns.indices.filter { columns[$0].isUsual } }
    return fields.compactMap { field in columns.firstIndex { $0.name == field } }
  }

  private func arrayElements<Row: ResultRow>(_ columns: [Column]) -> RowList<Row> {
    let keys = JSONRenderer.keys(of: columns)
    return RowList(sink: self) { rows, output in
      for row in rows {
        if self.rowCount > 0 { output.append(UInt8(ascii: ",")) }
        self.rowCount += 1
        output.append(UInt8(ascii: "{"))
        row.appendMembers(keys, ofColumns: columns.indices, to: &output)
        output.append(UInt8(ascii: "}"))
      }
    }
  }

  private func jsonLines<Row: ResultRow>(_ columns: [Column]) -> RowList<Row> {
    hasRows = true
    let chosen = options.fields == nil ? Array(columns.indices) : chosen(columns)
    let keys = JSONRenderer.keys(of: chosen.map { columns[$0] })
    return RowList(sink: self) { rows, output in
      for row in rows {
        output += "{\"schema\":1,".utf8
        row.appendMembers(keys, ofColumns: chosen, to: &output)
        output += "}\n".utf8
      }
    }
  }

  private func records<Row: ResultRow>(_ columns: [Column], isRaw: Bool) -> RowList<Row> {
    hasRows = true
    let chosen = chosen(columns)
    if options.hasHeader {
      write { self.appendRecord(chosen.map { .text(columns[$0].name) }, isRaw: isRaw, to: &$0) }
    }
    return RowList(sink: self) { rows, output in
      for row in rows {
        let cells = row.cells
        self.appendRecord(chosen.lazy.map { cells[$0] }, isRaw: isRaw, to: &output)
      }
    }
  }

  /// Appends a record of tsv or csv.
  private func appendRecord(
    _ values: some Sequence<ReportValue>, isRaw: Bool, to output: inout [UInt8]
  ) {
    if format == .csv {
      CSVRenderer.append(values, isUnchanged: isRaw, isTerminal: isTerminal, to: &output)
    } else {
      TSVRenderer.append(values, isTerminal: isTerminal, to: &output)
    }
  }

  /// A table whose columns fit the terminal; `isWhole` if nothing may be cut or left out.
  private func table<Row: ResultRow>(
    _ key: String, _ columns: [Column], isCounted: Bool, isWhole: Bool = false,
    where isShown: @escaping (Row) -> Bool
  ) -> RowList<Row> {
    let chosen = chosen(columns)
    output.page(with: pager)
    printedTable = PrintedTable(
      chosen.map { columns[$0] }, key: key, isCounted: isCounted, isWhole: isWhole,
      options: options, style: style)
    return RowList(sink: self) { rows, output in
      let cells = rows.filter(isShown).map { row in
        let cells = row.cells
        return chosen.map { cells[$0] }
      }
      self.printedTable?.append(cells, to: &output)
    }
  }

  /// What to say of a list without rows; `nil` if there is none.
  var emptyNote: String? { printedTable?.emptyNote }

  /// Waits until the pager has ended, if there is one.
  func endPaging() { output.endPaging() }

  private func writeLines(_ lines: [String], areWhole: Bool = false) {
    let lines = areWhole ? lines : style.wrapped(lines)
    write { output in
      for line in lines { output += "\(line)\n".utf8 }
    }
  }

  // MARK: Finishing

  /// Prints the summary and flushes the output; throws the first output error, unless the reader
  /// closed the pipe.
  func finish(_ summary: Summary) throws(CommandError) {
    if !isRaw { write(summary) }
    write(flushing: true) { _ in }
    endPaging()
    if let failure {
      if case .output(_, isClosedPipe: true) = failure { return }
      throw failure
    }
  }

  private func write(_ summary: Summary) {
    switch format {
    case .text:
      let closing = isTerminal && !isQuiet ? printedTable?.closingLine : nil
      if !holdsPayload { output.page(with: pager) }
      writeLines(closing.map { [$0] } ?? [])
      writeLines(summary.answer, areWhole: summary.isForPrograms)
      writeLines(isQuiet || holdsPayload ? [] : summary.sentences)
    case .json:
      completeObject(summary.fields)
    case .jsonl:
      if !hasRows { completeObject(summary.fields) }
    case .tsv, .csv:
      let fields = TSVRenderer.flattened(leadingFields + summary.fields)
      if hasRows || fields.isEmpty { return }
      write { output in
        let isRaw = options.isRaw
        if options.hasHeader {
          appendRecord(fields.map { .text($0.name) }, isRaw: isRaw, to: &output)
        }
        appendRecord(fields.map(\.value), isRaw: isRaw, to: &output)
      }
    }
  }

  /// Completes an object that begins with a secret, so that programs can parse it.
  func fail(_ diagnostic: Diagnostic) {
    guard hasOpenSecret else { return }
    completeObject([ReportField("error", diagnostic.object)])
    write(flushing: true) { _ in }
  }

  private func openObject(in output: inout [UInt8]) {
    if hasOpenObject { return }
    hasOpenObject = true
    output += "{\"schema\":1".utf8
  }

  private func completeObject(_ fields: [ReportField]) {
    write { output in
      openObject(in: &output)
      if hasOpenArray { output.append(UInt8(ascii: "]")) }
      let count = isCounted ? [ReportField("count", .integer(rowCount))] : []
      Self.append(fields + count, to: &output)
      output += "}\n".utf8
    }
  }

  /// Appends further members to the object.
  private static func append(_ fields: [ReportField], to output: inout [UInt8]) {
    if fields.isEmpty { return }
    output.append(UInt8(ascii: ","))
    JSONRenderer.appendMembers(fields, to: &output)
  }
}
