import Glibc
import RegctlCore
import System
import Testing

@testable import regctl

/// A row like those of commands.
private struct Row: ResultRow {
  static let columns = [Column("id", isUsual: false), Column("email"), Column("age")]

  let id: Int
  let email: String
  var age: Duration?

  var cells: [ReportValue] {
    [ReportValue(id), .text(email), age.map(ReportValue.duration) ?? .null]
  }
}

@Suite("RowSink") struct RowSinkTests {
  private static let rows = [
    Row(id: 1, email: "ann@example.org", age: .seconds(90)), Row(id: 2, email: "b@c.de"),
  ]

  /// The output of a command that uses a sink.
  private func output(
    _ format: OutputFormat, fields: [String]? = nil, hasHeader: Bool = true, isQuiet: Bool = false,
    isTerminal: Bool = false, of run: (RowSink) throws -> Summary
  ) throws -> String {
    let capture = Capture()
    var options = ListOptions()
    options.fields = fields
    options.hasHeader = hasHeader
    let sink = RowSink(
      capture.stream(), format: format, options: options, isQuiet: isQuiet, isTerminal: isTerminal)
    try sink.finish(run(sink))
    return capture.text
  }

  /// A list of rows pushed one by one.
  private func list(
    of rows: [Row] = rows, as layout: TextLayout<Row> = .table()
  ) -> (RowSink) -> Summary {
    { sink in
      let list = sink.list("accounts", of: Row.self, as: layout, isCounted: true)
      for row in rows { #expect(list.push(row)) }
      return Summary()
    }
  }

  @Test(arguments: [(true, "\\u{1b}[2J\n"), (false, "\u{1b}[2J\n")])
  func `a line is escaped on a terminal and unchanged in a pipe`(
    _ isTerminal: Bool, text: String
  ) throws {
    let rows = [Row(id: 1, email: "\u{1b}[2J")]
    #expect(
      try output(.text, isTerminal: isTerminal, of: list(of: rows, as: .lines(\.email))) == text)
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
    (OutputFormat.text, "EMAIL            AGE\nann@example.org   1m\nb@c.de             -\n"),
    (.tsv, "email\tage\nann@example.org\t90\nb@c.de\t\n"),
    (.csv, "email,age\r\nann@example.org,90\r\nb@c.de,\r\n"),
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
  func `a list is formatted as expected`(_ format: OutputFormat, text: String) throws {
    #expect(try output(format, of: list()) == text)
  }

  @Test(arguments: [
    (OutputFormat.text, ""), (.tsv, "email\tage\n"), (.csv, "email,age\r\n"), (.jsonl, ""),
    (.json, "{\"schema\":1,\"accounts\":[],\"count\":0}\n"),
  ])
  func `an empty list is formatted as expected`(_ format: OutputFormat, text: String) throws {
    #expect(try output(format, of: list(of: [])) == text)
  }

  @Test(arguments: [
    (OutputFormat.text, "AGE  ID\n 1m   1\n  -   2\n"), (.tsv, "age\tid\n90\t1\n\t2\n"),
    (.jsonl, "{\"schema\":1,\"age\":90,\"id\":1}\n{\"schema\":1,\"age\":null,\"id\":2}\n"),
  ])
  func `selected fields are in the given order`(_ format: OutputFormat, text: String) throws {
    #expect(try output(format, fields: ["age", "id"], of: list()) == text)
  }

  @Test(arguments: [
    (OutputFormat.text, "ann@example.org  1m\nb@c.de            -\n"),
    (.tsv, "ann@example.org\t90\nb@c.de\t\n"),
    (.csv, "ann@example.org,90\r\nb@c.de,\r\n"),
  ])
  func `the header can be omitted`(_ format: OutputFormat, text: String) throws {
    #expect(try output(format, hasHeader: false, of: list()) == text)
  }

  @Test func `columns are as wide as in the first rows`() throws {
    let text = try output(.text) { sink in
      sink.list("accounts", of: Row.self, as: .table()).push(Self.rows)
      return Summary()
    }
    #expect(text == "EMAIL            AGE\nann@example.org   1m\nb@c.de             -\n")
  }

  @Test(arguments: [OutputFormat.text, .tsv, .json, .jsonl])
  func `a list is printed with --quiet too`(_ format: OutputFormat) throws {
    #expect(try !output(format, isQuiet: true, of: list()).isEmpty)
  }

  // MARK: Results

  private let summary = Summary(
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
  func `a result is formatted as expected`(_ format: OutputFormat, text: String) throws {
    #expect(try output(format) { _ in summary } == text)
  }

  @Test func `--quiet leaves out what was done, and not an answer`() throws {
    #expect(try output(.text, isQuiet: true) { _ in summary }.isEmpty)
    #expect(try output(.text, isQuiet: true) { _ in Summary(answer: ["42"]) } == "42\n")
  }

  @Test(arguments: [
    (false, "Done.\nEMAIL   AGE\nb@c.de  -\nEnd.\n"), (true, ""),
  ])
  func `--quiet leaves out rows below sentences`(_ isQuiet: Bool, text: String) throws {
    let printed = try output(.text, isQuiet: isQuiet) { sink in
      let list = sink.list(
        "accounts", of: Row.self, sentences: ["Done."], as: .table { $0.id == 2 })
      list.push(Self.rows)
      return Summary([], "End.")
    }
    #expect(printed == text)
  }

  @Test(arguments: [(false, "Row 1.\nEnd.\n"), (true, "")])
  func `a row with a sentence is printed as that sentence`(_ isQuiet: Bool, text: String) throws {
    let printed = try output(.text, isQuiet: isQuiet) { sink in
      let list = sink.list(
        "accounts", of: Row.self, as: .sentences { $0.id == 1 ? "Row \($0.id)." : nil })
      list.push(Self.rows)
      return Summary([], "End.")
    }
    #expect(printed == text)
  }

  @Test(arguments: [
    (OutputFormat.text, "End.\n"), (.tsv, "dry_run\tdone\ntrue\t2\n"),
    (
      .json,
      #"{"schema":1,"dry_run":true,"accounts":[{"id":2,"email":"b@c.de","age":null}],"done":2}"#
        + "\n"
    ),
    (
      .jsonl,
      #"{"schema":1,"dry_run":true,"accounts":[{"id":2,"email":"b@c.de","age":null}],"done":2}"#
        + "\n"
    ),
  ])
  func `a detail is printed in JSON objects only`(_ format: OutputFormat, text: String) throws {
    let printed = try output(format) { sink in
      sink.list(
        "accounts", of: Row.self, after: [ReportField("dry_run", .boolean(true))], as: .detail
      ).push(Self.rows[1])
      return Summary([ReportField("done", .integer(2))], "End.")
    }
    #expect(printed == text)
  }

  @Test func `members before and after the list stay there`() throws {
    let printed = try output(.json) { sink in
      _ = sink.list(
        "accounts", of: Row.self, after: [ReportField("account", .null)], as: .table())
      return Summary([ReportField("advice", .text("x"))], answer: [])
    }
    #expect(printed == "{\"schema\":1,\"account\":null,\"accounts\":[],\"advice\":\"x\"}\n")
  }

  @Test(arguments: OutputFormat.allCases)
  func `raw output is the same in every format`(_ format: OutputFormat) throws {
    let printed = try output(format) { sink in
      sink.writeRaw { $0 += "a\tb".utf8 }
      return Summary([ReportField("a", .null)], "End.")
    }
    #expect(printed == "a\tb")
  }

  // MARK: Secrets

  @Test(arguments: [
    (OutputFormat.text, "secret\n", "secret\n"),
    (
      .json, "{\"schema\":1,\"password\":\"secret\"",
      "{\"schema\":1,\"password\":\"secret\",\"a\":1}\n"
    ),
  ])
  func `a secret is written at once, and the object completed later`(
    _ format: OutputFormat, begun: String, whole: String
  ) throws {
    let capture = Capture()
    let sink = RowSink(
      capture.stream(), format: format, options: ListOptions(), isQuiet: false, isTerminal: false)
    try sink.announce(SecretBytes(Array("secret".utf8)))
    #expect(capture.text == begun)
    try sink.finish(Summary([ReportField("a", .integer(1))], "Done."))
    #expect(capture.text == whole)
    #expect(sink.holdsPayload)
  }

  @Test func `an object begun by a secret is completed when the command fails`() throws {
    let capture = Capture()
    let sink = RowSink(
      capture.stream(), format: .json, options: ListOptions(), isQuiet: false, isTerminal: false)
    try sink.announce(SecretBytes(Array("secret".utf8)))
    sink.fail(Diagnostic(.dbFull, .inputOutput, "full"))
    #expect(
      capture.text == """
        {"schema":1,"password":"secret","error":{"code":"db_full","message":"full","hint":null,\
        "exit":74}}

        """)
  }

  // MARK: Output that fails

  /// A sink whose output is a pipe without a reader, or a disk that is full.
  private func sink(into descriptor: Int32) -> RowSink {
    RowSink(
      OutputStream(descriptor: descriptor, name: "standard output"), format: .text,
      options: ListOptions(), isQuiet: false, isTerminal: false)
  }

  @Test func `a list stops without an error when its reader is gone`() throws {
    signal(SIGPIPE, SIG_IGN)
    var pair: [Int32] = [0, 0]
    try #require(pipe(&pair) == 0)
    close(pair[0])
    defer { close(pair[1]) }
    let sink = sink(into: pair[1])
    let list = sink.list("accounts", of: Row.self, as: .lines(\.email))
    #expect(!list.push(Self.rows))
    #expect(!sink.hasReader)
    try sink.finish(Summary())
  }

  @Test func `the first error of output is thrown at the end`() throws {
    let full = open("/dev/full", O_WRONLY)
    defer { close(full) }
    let sink = sink(into: full)
    let list = sink.list("accounts", of: Row.self, as: .lines(\.email))
    #expect(!list.push(Self.rows))
    #expect(!list.push(Self.rows))
    let error = try #require(throws: CommandError.self) { try sink.finish(Summary()) }
    guard case .output(let failure, isClosedPipe: false) = error else { throw error }
    #expect(failure.code == ENOSPC)
  }

  @Test func `a secret without a reader is an error`() throws {
    signal(SIGPIPE, SIG_IGN)
    var pair: [Int32] = [0, 0]
    try #require(pipe(&pair) == 0)
    close(pair[0])
    defer { close(pair[1]) }
    let sink = sink(into: pair[1])
    let error = try #require(throws: RegctlError.self) {
      try sink.announce(SecretBytes(Array("secret".utf8)))
    }
    guard case .announcement = error else { throw error }
  }
}
