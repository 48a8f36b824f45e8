import RegctlCore
import Testing

@testable import regctl

@Suite("ReportRenderer") struct ReportRendererTests {
  private static let columns = [Column("id", isUsual: false), Column("email"), Column("age")]
  private static let rows: [[ReportValue]] = [
    [.integer(1), .text("ann@example.org"), .duration(.seconds(90))],
    [.integer(2), .text("b@c.de"), .null],
  ]

  private func render(
    _ report: Report, _ format: OutputFormat, fields: [String]? = nil, hasHeader: Bool = true,
    isQuiet: Bool = false
  ) throws -> String {
    let capture = Capture()
    var options = ListOptions()
    options.fields = fields
    options.hasHeader = hasHeader
    try ReportRenderer(
      output: capture.stream(), format: format, options: options, isQuiet: isQuiet
    ).render(report)
    return capture.text
  }

  /// A list of rows that come one by one.
  private func list(of rows: [[ReportValue]] = rows, isCounted: Bool = true) -> Report {
    var rest = rows[...]
    return .list(
      RowList(
        key: "accounts", columns: Self.columns,
        nextBatch: { () throws(CommandError) in rest.popFirst().map { [$0] } },
        isCounted: isCounted))
  }

  @Test func `on a terminal a column that stands alone is escaped, and a pipe gets it as it is`()
    throws
  {
    for (isTerminal, text) in [(true, "\\u{1b}[2J\n"), (false, "\u{1b}[2J\n")] {
      let list = RowList.known("x", [Column("email")], [[.text("\u{1b}[2J")]])
      let capture = Capture()
      try ReportRenderer(
        output: capture.stream(), format: .text, options: ListOptions(), isQuiet: false,
        isTerminal: isTerminal
      ).render(Report(list: list, prose: .column("email")))
      #expect(capture.text == text)
    }
    let list = RowList.known("x", [Column("said")], [[.text("\u{1b}[2J")]])
    #expect(
      try render(Report(list: list, prose: .column("said", isEscaped: true)), .text)
        == "\\u{1b}[2J\n")
  }

  @Test func `on a terminal tab-separated values are escaped`() throws {
    let world = try World(settings: "service_name = \u{202e}x")
    world.outputIsTerminal = true
    #expect(world.run("config --format tsv") == .ok)
    #expect(world.output.text.contains("service_name\t\\u{202e}x\t"))
    world.outputIsTerminal = false
    #expect(world.run("config --format tsv") == .ok)
    #expect(world.output.text.contains("service_name\t\u{202e}x\t"))
  }

  // MARK: Lists

  @Test(arguments: [
    (OutputFormat.text, "EMAIL            AGE\nann@example.org  1m\nb@c.de           -\n"),
    (.tsv, "email\tage\nann@example.org\t90\nb@c.de\t\n"),
    (
      .json,
      """
      {"schema":1,"accounts":[{"id":1,"email":"ann@example.org","age":90},\
      {"id":2,"email":"b@c.de","age":null}],"count":2}

      """
    ),
    (
      .jsonl,
      """
      {"schema":1,"id":1,"email":"ann@example.org","age":90}
      {"schema":1,"id":2,"email":"b@c.de","age":null}

      """
    ),
  ])
  func `a list looks like this`(_ format: OutputFormat, text: String) throws {
    #expect(try render(list(), format) == text)
  }

  @Test(arguments: [
    (OutputFormat.text, ""), (.tsv, "email\tage\n"), (.jsonl, ""),
    (.json, "{\"schema\":1,\"accounts\":[],\"count\":0}\n"),
  ])
  func `an empty list looks like this`(_ format: OutputFormat, text: String) throws {
    #expect(try render(list(of: []), format) == text)
  }

  @Test(arguments: [
    (OutputFormat.text, "AGE  ID\n1m   1\n-    2\n"), (.tsv, "age\tid\n90\t1\n\t2\n"),
    (.jsonl, "{\"schema\":1,\"age\":90,\"id\":1}\n{\"schema\":1,\"age\":null,\"id\":2}\n"),
  ])
  func `chosen fields come in the order chosen`(_ format: OutputFormat, text: String) throws {
    #expect(try render(list(), format, fields: ["age", "id"]) == text)
  }

  @Test(arguments: [
    (OutputFormat.text, "ann@example.org  1m\nb@c.de  -\n"),
    (.tsv, "ann@example.org\t90\nb@c.de\t\n"),
  ])
  func `the header can be left out`(_ format: OutputFormat, text: String) throws {
    let known = Report.list(.known("accounts", Self.columns, Self.rows))
    let expected =
      format == .text ? text.replacing("b@c.de  -", with: "b@c.de           -") : text
    #expect(try render(known, format, hasHeader: false) == expected)
  }

  @Test(arguments: [OutputFormat.text, .tsv, .json, .jsonl])
  func `a list is printed with --quiet too`(_ format: OutputFormat) throws {
    #expect(try !render(list(), format, isQuiet: true).isEmpty)
  }

  // MARK: Results

  private let summary = Report.summary(
    [
      ReportField("result", .text("registered")),
      ReportField("account", .object([ReportField("id", .integer(1))])),
      ReportField("mail", .null),
    ], "Registered.", "Mail is queued.")

  @Test(arguments: [
    (OutputFormat.text, "Registered.\nMail is queued.\n"),
    (.tsv, "result\taccount.id\tmail\nregistered\t1\t\n"),
    (.json, "{\"schema\":1,\"result\":\"registered\",\"account\":{\"id\":1},\"mail\":null}\n"),
    (.jsonl, "{\"schema\":1,\"result\":\"registered\",\"account\":{\"id\":1},\"mail\":null}\n"),
  ])
  func `what was done looks like this`(_ format: OutputFormat, text: String) throws {
    #expect(try render(summary, format) == text)
  }

  @Test func `with --quiet nobody is told what was done`() throws {
    #expect(try render(summary, .text, isQuiet: true).isEmpty)
  }

  @Test func `with --quiet an answer is still given`() throws {
    #expect(try render(Report(prose: .lines(["42"])), .text, isQuiet: true) == "42\n")
  }

  @Test func `one column stands alone, as it is`() throws {
    var report = list()
    report.prose = .column("email")
    #expect(try render(report, .text) == "ann@example.org\nb@c.de\n")
  }

  @Test func `keys before and after the list stay there`() throws {
    var report = list(of: [], isCounted: false)
    report.fields = [ReportField("account", .null)]
    report.trailingFields = { [ReportField("advice", .text("x"))] }
    #expect(
      try render(report, .json)
        == "{\"schema\":1,\"account\":null,\"accounts\":[],\"advice\":\"x\"}\n")
  }

  @Test(arguments: OutputFormat.allCases)
  func `verbatim text is the same in every format`(_ format: OutputFormat) throws {
    #expect(try render(Report(prose: .verbatim("a\tb")), format) == "a\tb")
  }

  @Test func `an object that a secret has opened is completed`() throws {
    let capture = Capture()
    let stream = capture.stream()
    stream.hasOpenObject = true
    try ReportRenderer(output: stream, format: .json, options: ListOptions(), isQuiet: false)
      .render(Report(fields: [ReportField("a", .integer(1))], prose: .lines([])))
    #expect(capture.text == "\"a\":1}\n")
  }
}
