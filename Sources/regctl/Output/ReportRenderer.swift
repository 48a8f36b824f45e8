internal import RegctlCore

/// Prints a report: the single place where the format is matched.
struct ReportRenderer {
  let output: OutputStream
  let format: OutputFormat
  let options: ListOptions
  let isQuiet: Bool

  /// Whether a person looks at the output, so that text from outside is escaped in every format.
  var isTerminal = false

  /// Prints the whole report and waits until it is written.
  ///
  /// Whoever reads only its beginning has what he wants; work goes on without him.
  func render(_ report: Report) throws(CommandError) {
    do throws(CommandError) {
      try renderWhole(report)
    } catch .output(_, isClosedPipe: true) {
      guard let list = report.list, list.isWork else { return }
      while try list.nextBatch() != nil {}
    }
  }

  private func renderWhole(_ report: Report) throws(CommandError) {
    switch report.prose {
    case .verbatim(let text): try output.write(text)
    case .stream(let appendNext):
      while try output.append(appendNext) {}
    default:
      switch format {
      case .text: try renderText(report)
      case .json: try renderJSON(report)
      case .jsonl: try renderJSONLines(report)
      case .tsv: try renderTSV(report)
      }
    }
    try output.flush()
  }

  private static let schema = ReportField("schema", .integer(1))

  /// Runs through the rows of a list, a batch at a time.
  private func forEachBatch(
    of list: RowList, _ body: ([[ReportValue]]) throws(CommandError) -> Void
  ) throws(CommandError) {
    while true {
      guard let batch = try list.nextBatch() else { return }
      try body(batch)
    }
  }

  /// The positions of the columns to print.
  private func chosen(_ columns: [Column]) -> [Int] {
    guard let fields = options.fields else { return columns.indices.filter { columns[$0].isUsual } }
    return fields.compactMap { field in columns.firstIndex { $0.name == field } }
  }

  private func renderText(_ report: Report) throws(CommandError) {
    switch report.prose {
    case .lines(let lines):
      for line in lines { try output.write(line + "\n") }
    case .sentences(let sentences):
      if !isQuiet { for sentence in sentences { try output.write(sentence + "\n") } }
    case .sentencesAndRows(let sentences, let isShown):
      if isQuiet { return }
      for sentence in sentences { try output.write(sentence + "\n") }
      try renderTable(report.list, where: isShown)
    case .sentenceOfEach(let sentence):
      guard let list = report.list else { return }
      try forEachBatch(of: list) { (batch) throws(CommandError) in
        if isQuiet { return }
        for row in batch {
          guard let text = sentence(row) else { continue }
          try output.write(text + "\n")
        }
        // What is printed was done; whoever reads a pipe need not wait for the rest.
        try output.flush()
      }
    case .conclusion(let sentences):
      if let list = report.list { try forEachBatch(of: list) { _ in } }
      if !isQuiet { for sentence in sentences() { try output.write(sentence + "\n") } }
    case .column(let name, let isEscaped):
      guard let list = report.list, let index = list.columns.firstIndex(where: { $0.name == name })
      else { return }
      try forEachBatch(of: list) { (batch) throws(CommandError) in
        try output.append { bytes in
          for row in batch {
            guard case .text(let text) = row[index] else { continue }
            bytes += (isTerminal || isEscaped ? TerminalText.escape(text) : text).utf8
            bytes.append(UInt8(ascii: "\n"))
          }
        }
        // What is printed was done; whoever reads a pipe need not wait for the rest.
        try output.flush()
      }
    case .verbatim, .stream: break
    case .table: try renderTable(report.list) { _ in true }
    }
  }

  private func renderTable(
    _ list: RowList?, where isShown: ([ReportValue]) -> Bool
  ) throws(CommandError) {
    guard let list else { return }
    let chosen = chosen(list.columns)
    let header = chosen.map { list.columns[$0].name.uppercased() }
    var widths: [Int]?
    try forEachBatch(of: list) { (batch) throws(CommandError) in
      var cells = batch.filter(isShown).map { row in chosen.map { TextRenderer.text(row[$0]) } }
      if widths == nil, !cells.isEmpty, options.hasHeader { cells.insert(header, at: 0) }
      // Widths come from the first batch: a list of any length is printed as it is read.
      let columnWidths =
        widths
        ?? zip(TextRenderer.widths(of: cells), chosen).map { max($0, list.columns[$1].width) }
      if !cells.isEmpty { widths = columnWidths }
      try output.append { TextRenderer.appendAligned(cells, widths: columnWidths, to: &$0) }
    }
  }

  private func renderJSON(_ report: Report) throws(CommandError) {
    if output.hasOpenObject {
      try output.append { JSONRenderer.appendMembers(report.fields, to: &$0) }
    } else {
      try output.append { bytes in
        bytes.append(UInt8(ascii: "{"))
        JSONRenderer.appendMembers([Self.schema] + report.fields, to: &bytes)
      }
    }
    var total: [ReportField] = []
    if let list = report.list {
      var count: Int64 = 0
      try output.append { bytes in
        bytes.append(UInt8(ascii: ","))
        JSONRenderer.appendKey(list.key, to: &bytes)
        bytes.append(UInt8(ascii: "["))
      }
      try forEachBatch(of: list) { (batch) throws(CommandError) in
        try output.append { bytes in
          for row in batch {
            if count > 0 { bytes.append(UInt8(ascii: ",")) }
            count += 1
            JSONRenderer.append(
              Self.fields(of: row, list.columns, list.columns.indices), to: &bytes)
          }
        }
      }
      try output.write("]")
      if list.isCounted { total = [ReportField("count", .integer(count))] }
    }
    let trailing = report.trailingFields() + total
    try output.append { bytes in
      if !trailing.isEmpty {
        bytes.append(UInt8(ascii: ","))
        JSONRenderer.appendMembers(trailing, to: &bytes)
      }
      bytes += "}\n".utf8
    }
  }

  private func renderJSONLines(_ report: Report) throws(CommandError) {
    guard let list = report.list, !list.isDetail else { return try renderJSON(report) }
    let chosen = options.fields == nil ? Array(list.columns.indices) : chosen(list.columns)
    try forEachBatch(of: list) { (batch) throws(CommandError) in
      try output.append { bytes in
        for row in batch {
          JSONRenderer.append(
            [Self.schema] + Self.fields(of: row, list.columns, chosen), to: &bytes)
          bytes.append(UInt8(ascii: "\n"))
        }
      }
    }
  }

  private static func fields(
    of row: [ReportValue], _ columns: [Column], _ chosen: some Sequence<Int>
  ) -> [ReportField] {
    chosen.map { ReportField(columns[$0].name, row[$0]) }
  }

  private func renderTSV(_ report: Report) throws(CommandError) {
    guard let list = report.list, !list.isDetail else {
      if let list = report.list { try forEachBatch(of: list) { _ in } }
      let fields = TSVRenderer.flattened(report.fields + report.trailingFields())
      if fields.isEmpty { return }
      try output.append { bytes in
        if options.hasHeader {
          TSVRenderer.append(fields.map { .text($0.name) }, isTerminal: isTerminal, to: &bytes)
        }
        TSVRenderer.append(fields.map(\.value), isTerminal: isTerminal, to: &bytes)
      }
      return
    }
    let chosen = chosen(list.columns)
    if options.hasHeader {
      let names = chosen.map { ReportValue.text(list.columns[$0].name) }
      try output.append { TSVRenderer.append(names, to: &$0) }
    }
    try forEachBatch(of: list) { (batch) throws(CommandError) in
      try output.append { bytes in
        for row in batch {
          TSVRenderer.append(chosen.lazy.map { row[$0] }, isTerminal: isTerminal, to: &bytes)
        }
      }
    }
  }
}
