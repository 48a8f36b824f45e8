import Glibc
import TestSupport
import Testing

@testable import RegctlCore

@Suite("AccountFile") struct AccountFileTests {
  private static let hash = "$2b$13$abcdefghijklmnopqrstuuLnqI1P4rdqGwkF6wU1Gk6TU4u4xAzVS"
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  private func lines(_ text: String) throws -> [AccountFile.Line] {
    let path = try directory.write("file", text)
    defer { unlink(path) }
    let file = try AccountFile(path: path)
    var lines: [AccountFile.Line] = []
    while let line = try file.next() { lines.append(line) }
    return lines
  }

  private func only(_ text: String) throws -> ImportedAccount {
    let lines = try lines(text)
    try #require(lines.count == 1)
    return try lines[0].content.get()
  }

  @Test(arguments: [
    #"{"id":7,"email":"Ann@Example.ORG","password":"\#(hash)","registered_on":"2026-11-23","admin":true}"#,
    "\u{feff}\n{\"admin\":1,\"email\":\"Ann@Example.ORG\",\"password\":\"\(hash)\",\"schema\":1,"
      + "\"id\":7,\"registered_on\":\"2026-11-23\",\"confirmed\":null}",
    "id,email,password,registered_on,admin\n7,Ann@Example.ORG,\(hash),2026-11-23,1",
    "\u{feff}admin,id,email,password,registered_on,schema\r\n\r\nTrue,7,\"Ann@Example.ORG\",\(hash),2026-11-23,\r\n",
  ])
  func `the first byte determines the format, and both are equivalent`(_ text: String) throws {
    let account = try only(text)
    #expect(account.id == AccountID(rawValue: 7))
    #expect(account.email == "Ann@Example.ORG")
    #expect(account.passwordHash.text == Self.hash)
    #expect(account.registeredOn == .stored("2026-11-23"))
    #expect((account.isAdmin, account.isConfirmed) == (true, false))
    #expect(account.confirmedOn == nil)
  }

  @Test func `only the address is required`() throws {
    let account = try only(#"{"email":"ann@example.org"}"#)
    #expect(
      account
        == ImportedAccount(
          id: nil, email: "ann@example.org", passwordHash: .unusable, registeredOn: nil,
          isAdmin: false, isConfirmed: false, confirmedOn: nil))
    #expect(try only("email\nann@example.org") == account)
    #expect(try only("email,id,password,admin,confirmed_on\nann@example.org,,,,") == account)
  }

  @Test func `an account with a confirmation date is confirmed, unless the file says no`() throws {
    #expect(try only("email,confirmed_on\nann@example.org,2026-11-23").isConfirmed)
    #expect(try !only("email,confirmed_on,confirmed\nann@example.org,2026-11-23,0").isConfirmed)
    #expect(try only("email,confirmed\nann@example.org,1").confirmedOn == nil)
  }

  @Test(arguments: [
    (#"{"email":"a@x.org","language":"pt_br"}"#, "pt-BR"),
    (#"{"email":"a@x.org","language":null}"#, nil), (#"{"email":"a@x.org","language":""}"#, nil),
    ("language,email\nDE,a@x.org", "de"), ("language,email\n,a@x.org", nil),
  ])
  func `an account may have a language`(_ text: String, tag: String?) throws {
    #expect(try only(text).language?.tag == tag)
  }

  @Test(arguments: [
    (#""german""#, "german"), (#""../de""#, "../de"), ("5", "5"), ("true", "true"),
  ])
  func `what is no language tag is refused`(_ value: String, text: String) throws {
    #expect(throws: ImportError.Fault.language(text)) {
      try only(#"{"email":"a@x.org","language":\#(value)}"#)
    }
  }

  @Test(arguments: [
    ("2026-11-23 09:00:00.123456", "2026-11-23 09:00:00.123456"),
    ("2026-11-23 09:00:00", "2026-11-23 09:00:00"), ("2026-11-23 09:00", "2026-11-23 09:00"),
    ("2026-11-23", "2026-11-23"), ("2026-11-23T09:00:00", "2026-11-23 09:00:00.000000"),
    ("2026-11-23T09:00:00Z", "2026-11-23 09:00:00.000000"),
    ("2026-11-23T09:00:00.5+01:00", "2026-11-23 08:00:00.500000"),
    ("2026-11-23 09:00:00-05:00", "2026-11-23 14:00:00.000000"),
    ("2026-11-23t09:00:00.1234567z", "2026-11-23 09:00:00.123456"),
    ("2026-11-23 09:00:00.1234567", nil), ("0000-01-01T00:00:00+01:00", nil),
    ("9999-12-31T23:59:59-01:00", nil), ("2026-02-29", nil), ("yesterday", nil),
    (" 2026-11-23", nil),
    ("", nil), ("1767225600", nil), ("2026-11-23 24:00:00", nil),
  ])
  func `a stored date is kept and RFC 3339 becomes one`(_ text: String, stored: String?) {
    #expect(ImportedDate(text).map(AccountDates(in: .utc).text(of:)) == stored)
  }

  // MARK: Columns of the application's own

  private static let columns = [
    ApplicationColumn(name: "nick", conversion: .text, isNullable: true, hasDefault: false),
    ApplicationColumn(name: "score", conversion: .number, isNullable: true, hasDefault: false),
    ApplicationColumn(name: "photo", conversion: .none, isNullable: true, hasDefault: false),
    ApplicationColumn(name: "schema", conversion: .text, isNullable: true, hasDefault: false),
  ]

  /// The values by column of the only line of a file.
  private func values(_ text: String, _ renamings: [String] = []) throws -> [String: ColumnValue] {
    let path = try directory.write("file", text)
    defer { unlink(path) }
    let file = try AccountFile(path: path)
    file.expect(
      AccountKeys(
        columns: Self.columns, renamings: renamings.compactMap(AccountKeys.Renaming.init)),
      allowsUTF8: false)
    let line = try #require(try file.next())
    let account = try line.content.get()
    #expect(try file.next() == nil)
    return Dictionary(
      uniqueKeysWithValues: account.columns.map { (Self.columns[$0.position].name, $0.value) })
  }

  private static let everything: [String: ColumnValue] = [
    "nick": .text("Ann"), "score": .real(0.5), "photo": .blob([0, 255]), "schema": .null,
  ]

  @Test(arguments: [
    #"{"email":"a@x.org","schema":1,"nick":"Ann","score":0.5,"photo":{"blob":"00ff"},"column.schema":null}"#,
    "email,nick,score,photo,column.schema\na@x.org,Ann,0.5,\\blob:00ff,\n",
    "column.schema,photo,column.nick,email,score\n,\\blob:00FF,\"Ann\",a@x.org,5e-1\n",
  ])
  func `a file may have the application's own columns`(_ text: String) throws {
    #expect(try values(text) == Self.everything)
  }

  @Test func `a column that the file does not have has no value`() throws {
    #expect(try values(#"{"email":"a@x.org","nick":null}"#) == ["nick": .null])
    #expect(try values("email,nick\na@x.org,\n") == ["nick": .null])
    #expect(try values("email,nick\na@x.org,\"\"\n") == ["nick": .text("")])
    #expect(try values("email\na@x.org\n") == [:])
  }

  @Test(arguments: [
    #"{"mail":"a@x.org","nick":{"a":[{"b":[]},1]},"handle":"Ann","schema":{}}"#,
    "mail,nick,handle,schema\na@x.org,x,Ann,y\n",
  ])
  func `a key can mean another or be left out`(_ text: String) throws {
    let renamings = ["mail=email", "nick=none", "handle=nick", "schema=none"]
    #expect(try values(text, renamings) == ["nick": .text("Ann")])
  }

  @Test(arguments: [
    (#"{"email":"a@x.org","nick":1,"column.nick":1}"#, ImportError.Fault.repeatedField("nick")),
    (#"{"email":"a@x.org","photo":{"blob":"0"}}"#, .columnValue("photo")),
    (#"{"email":"a@x.org","photo":{"blob":1}}"#, .columnValue("photo")),
    (#"{"email":"a@x.org","photo":{"blob":"00","text":"00"}}"#, .columnValue("photo")),
    (#"{"email":"a@x.org","photo":{}}"#, .columnValue("photo")),
    (#"{"email":"a@x.org","photo":[]}"#, .columnValue("photo")),
    (#"{"email":"a@x.org","photo":{"bytes":"00"}}"#, .columnValue("photo")),
    (#"{"email":{"text":"00"}}"#, .json(.nested("email"))),
    (#"{"email":"a@x.org","photo":{"blob":"00"}"#, .json(.syntax(byte: 41))),
    (
      #"{"email":"a@x.org","age":[1],"zebra":1,"city":{"a":[]}}"#,
      .unknownFields(["age", "zebra", "city"], suggestion: nil)
    ),
    (#"{"email":"a@x.org","nock":1}"#, .unknownFields(["nock"], suggestion: "nick")),
    ("email,photo\na@x.org,\\x00\n", .columnValue("photo")),
    ("email,photo\na@x.org,\\blob:0\n", .columnValue("photo")),
  ])
  func `a value or key that is not one is refused`(
    _ text: String, fault: ImportError.Fault
  ) throws {
    #expect(throws: fault) { _ = try values(text) }
  }

  @Test func `a header may name a column once`() throws {
    for (header, fault) in [
      ("email,nick,column.nick", ImportError.Fault.repeatedField("column.nick")),
      ("email,nick,hat,shoe", .unknownFields(["hat", "shoe"], suggestion: nil)),
      ("nick,score", .missingEmail),
    ] {
      let found = try refusal { _ = try values("\(header)\n") }
      #expect(found == .importing(ImportError(line: 1, fault: fault)))
    }
  }

  @Test func `lines are numbered as an editor numbers them, blank ones too`() throws {
    let found = try lines("\n{\"email\":\"ann@example.org\"}\n \t\r\n{}\n\n{\"email\":\"no\"}")
    #expect(found.map(\.number) == [2, 4, 6])
    #expect(found.map(\.email) == ["ann@example.org", nil, "no"])
    let records = try lines("email\n\n\"a\n\nb\"\nann@example.org\n")
    #expect(records.map(\.number) == [3, 6])
  }

  @Test func `a stray quote affects no other line`() throws {
    let open = String(repeating: "bob@example.org\n", count: 300)
    let found = try lines("email\n\"ann@example.org\n\(open)")
    #expect(found.count == 301)
    #expect(throws: ImportError.Fault.csv(.openQuote)) { try found[0].content.get() }
    for line in found.dropFirst() { #expect(try line.content.get().email == "bob@example.org") }
  }

  @Test(arguments: [
    ("[{}]", ImportError.Fault.array),
    ("email,mail\n", .unknownFields(["mail"], suggestion: "email")),
    ("shoe\n", .noColumn), ("shoe,hat\n", .noColumn), ("e-mail\n", .noColumn),
    ("e-mail,hat\n", .unknownFields(["e-mail"], suggestion: "email")),
    ("email,hat\n", .unknownFields(["hat"], suggestion: nil)),
    ("email,id,email\n", .repeatedField("email")),
    ("id\n", .missingEmail), ("email,\"id\n", .csv(.openQuote)), ("em\"ail\n", .csv(.strayQuote)),
    (String(repeating: "x", count: 70_000), .tooLong),
    ("EMAIL\n", .noColumn),
  ])
  func `a first line that is not a header is rejected`(
    _ text: String, fault: ImportError.Fault
  ) throws {
    for (blank, number) in [("", 1), ("\n \n", 3)] {
      let found = try refusal { _ = try lines(blank + text) }
      guard case .importing(let error) = found else {
        Issue.record("\(found)")
        continue
      }
      #expect(error.line == number)
      switch (error.fault, fault) {
      case (.unknownFields(let names, _), .unknownFields(let expected, _)):
        #expect(names == expected)
      default: #expect(error.fault == fault)
      }
    }
  }

  @Test func `a key file is distinguished from an account file`() throws {
    let path = try directory.write("secret.key", "koXgE4XXYNbXKacmoouKvo0OlYAHpvpZYXJ862QNTF0=\n")
    let poor = try directory.write("poor.key", "my precious, two\n")
    for (file, keyFile) in [(path, nil), (poor, poor)] {
      #expect(throws: RegctlError.importing(ImportError(line: 1, fault: .keyFile(path: file)))) {
        _ = try AccountFile(path: file, keyFile: keyFile).next()
      }
    }
    // A line of an export without spaces also has the form of a key.
    let accounts = try directory.write("accounts", "email,registered_on\nann@example.org,\n")
    #expect(try AccountFile(path: accounts, keyFile: path).next()?.email == "ann@example.org")
  }

  @Test(arguments: ["secret", "$2b$13$short", "!!", "$2b$13$" + String(repeating: "?", count: 53)])
  func `an invalid hash is rejected and not kept in the error`(_ text: String) throws {
    for file in [
      "{\"email\":\"a@example.org\",\"password\":\"\(text)\"}",
      "email,password\na@example.org,\(text)",
    ] {
      let line = try #require(lines(file).first)
      #expect(throws: ImportError.Fault.passwordHash) { try line.content.get() }
      #expect(!"\(line)".contains(text))
    }
  }
}
