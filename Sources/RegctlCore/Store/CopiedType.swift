internal import Base
internal import SQL

/// The type of a column of a table that is copied to another database.
///
/// One of the two databases is on a server, whose types are stricter: a value is copied in the form
/// that a column of the server's type gives it, and the types of a file are the words from which the
/// server's type is found again on the way back.
enum CopiedType: Equatable, Sendable {
  case boolean, smallInteger, integer, bigInteger, real
  /// The precision and the scale, or none.
  case numeric([Int])
  /// The greatest length, or none.
  case varchar([Int])
  case char([Int])
  case text, bytes, timestamp, zonedTimestamp, date, time, json, jsonb, uuid
  /// A type that only a server has, whose values are copied as text.
  case foreign(String)

  // MARK: In a file

  /// The type that a declaration in SQLite means to SQLAlchemy; another is that of its affinity.
  init(declared: String) {
    let words = declared.uppercased().split(separator: "(", maxSplits: 1)
    let name = (words.first ?? "").split(separator: " ").joined(separator: " ")
    let numbers = words.dropFirst().flatMap { $0.split { !$0.isASCII || !$0.isNumber } }
      .compactMap { Int($0) }
    self =
      switch name {
      case "BOOLEAN", "BOOL": .boolean
      case "SMALLINT": .smallInteger
      case "BIGINT": .bigInteger
      case "NUMERIC", "DECIMAL": .numeric(Array(numbers.prefix(2)))
      case "VARCHAR", "NVARCHAR", "CHARACTER VARYING": .varchar(Array(numbers.prefix(1)))
      case "CHAR", "NCHAR", "CHARACTER": .char(Array(numbers.prefix(1)))
      case "DATETIME", "TIMESTAMP", "TIMESTAMP WITHOUT TIME ZONE": .timestamp
      case "TIMESTAMP WITH TIME ZONE": .zonedTimestamp
      case "DATE": .date
      case "TIME": .time
      case "JSON": .json
      case "JSONB": .jsonb
      case "UUID": .uuid
      // A column without a type has any value, which text can hold best.
      case "": .text
      default:
        switch UsersTable.Affinity(ofType: name) {
        case .integer: .integer
        case .text: .text
        case .blob: .bytes
        case .real: .real
        case .numeric: .numeric([])
        }
      }
  }

  // MARK: On a server

  /// The type with a name in `pg_type`, and the modifier in `atttypmod`; -1 is none.
  ///
  /// See `varchartypmodout` in varchar.c and `numerictypmodout` in numeric.c of PostgreSQL.
  init(catalogName: String, modifier: Int) {
    let length = modifier < 4 ? [] : [modifier - 4]
    self =
      switch catalogName {
      case "bool": .boolean
      case "int2": .smallInteger
      case "int4": .integer
      case "int8": .bigInteger
      case "float4", "float8": .real
      case "numeric": .numeric(length.flatMap { [$0 >> 16, $0 & 0x7ff] })
      case "varchar": .varchar(length)
      case "bpchar": .char(length)
      case "text": .text
      case "bytea": .bytes
      case "timestamp": .timestamp
      case "timestamptz": .zonedTimestamp
      case "date": .date
      case "time": .time
      case "json": .json
      case "jsonb": .jsonb
      case "uuid": .uuid
      default: .foreign(catalogName)
      }
  }

  /// How a server reads and writes values of the type, as export and import do.
  var form: ApplicationColumn.Form {
    switch self {
    case .boolean, .smallInteger, .integer, .bigInteger, .real, .varchar, .char, .text, .bytes,
      .timestamp, .date:
      .value
    case .zonedTimestamp: .zonedTime
    case .json, .jsonb: .document
    case .numeric, .time, .uuid, .foreign: .text
    }
  }
}

extension SQLText {
  /// Appends the declaration of a type.
  mutating func append(type: CopiedType) {
    let (words, numbers): (Statement, [Int]) =
      switch type {
      case .boolean: ("BOOLEAN", [])
      case .smallInteger: ("SMALLINT", [])
      case .integer: ("INTEGER", [])
      case .bigInteger: ("BIGINT", [])
      case .real: (Statement(sqlite: "FLOAT", postgreSQL: "DOUBLE PRECISION"), [])
      case .numeric(let numbers): ("NUMERIC", numbers)
      case .varchar(let numbers): ("VARCHAR", numbers)
      case .char(let numbers): ("CHAR", numbers)
      case .text, .foreign: ("TEXT", [])
      case .bytes: (Statement(sqlite: "BLOB", postgreSQL: "BYTEA"), [])
      case .timestamp: (Statement(sqlite: "DATETIME", postgreSQL: "TIMESTAMP"), [])
      case .zonedTimestamp: ("TIMESTAMP WITH TIME ZONE", [])
      case .date: ("DATE", [])
      case .time: ("TIME", [])
      case .json: ("JSON", [])
      case .jsonb: ("JSONB", [])
      case .uuid: ("UUID", [])
      }
    append(words)
    for (index, number) in numbers.enumerated() {
      append(index == 0 ? "(" : ", ")
      append(number: number)
    }
    if !numbers.isEmpty { append(")") }
  }
}

// MARK: - Values

extension CopiedType {
  /// The form of a value that both databases keep; throws if a column of the server's type does not
  /// keep the value.
  ///
  /// A blob in a column of texts is a text if it can be: some versions of Flask-Bcrypt store a hash
  /// so.
  func canonical(_ value: Value) throws(CopyRefusal.Reason) -> Value {
    switch (self, value) {
    case (_, .null): return .null
    case (_, .malformedText): throw .malformedText
    case (_, .text(let text)) where text.utf8.contains(0): throw .zeroByte
    case (.boolean, .integer(0...1)): return value
    case (.smallInteger, .integer), (.integer, .integer), (.bigInteger, .integer): return value
    case (.real, .real): return value
    case (.real, .integer(let integer)): return .real(Double(integer))
    case (.numeric, .integer(let integer)): return .text("\(integer)")
    case (.numeric, .real(let number)): return .text(Self.shortest("\(number)"))
    case (.numeric, .text(let text)): return .text(Self.shortest(text))
    case (.char, .text(let text)): return .text(Self.trimmed(text))
    case (.varchar, .text), (.text, .text), (.foreign, .text), (.zonedTimestamp, .text),
      (.json, .text), (.jsonb, .text):
      return value
    case (.varchar, .blob(let bytes)), (.text, .blob(let bytes)):
      guard let text = String(validating: bytes, as: UTF8.self) else { throw .malformedText }
      return try canonical(.text(text))
    // SQLite makes numbers of documents that look like them.
    case (.json, .integer(let integer)), (.jsonb, .integer(let integer)):
      return .text("\(integer)")
    case (.json, .real(let number)), (.jsonb, .real(let number)): return .text("\(number)")
    case (.bytes, .blob): return value
    case (.timestamp, .text(let text)):
      guard let timestamp = Timestamp(text), timestamp.offset == nil, text.utf8.count <= 26 else {
        throw .date(text)
      }
      return .text(Instant(timestamp).databaseText)
    case (.date, .text(let text)):
      guard Timestamp(text) != nil, text.utf8.count == 10 else { throw .date(text) }
      return value
    case (.time, .text(let text)):
      return .text(text.utf8.contains(UInt8(ascii: ".")) ? Self.shortest(text) : text)
    case (.uuid, .text(let text)): return .text(text.lowercased())
    default: throw .type(found: value.copiedKind)
    }
  }

  /// Digits without zeros at the end of a fraction, and without an exponent if it is that of a
  /// floating-point number.
  private static func shortest(_ digits: String) -> String {
    if let number = Double(digits), digits.utf8.contains(where: { $0 | 0x20 == UInt8(ascii: "e") }),
      let integer = Int64(exactly: number)
    {
      return "\(integer)"
    }
    guard digits.utf8.contains(UInt8(ascii: ".")) else { return digits }
    var bytes = Array(digits.utf8)
    while bytes.last == UInt8(ascii: "0") { bytes.removeLast() }
    if bytes.last == UInt8(ascii: ".") { bytes.removeLast() }
    return String(decoding: bytes, as: UTF8.self)
  }

  private static func trimmed(_ text: String) -> String {
    var bytes = Array(text.utf8)
    while bytes.last == UInt8(ascii: " ") { bytes.removeLast() }
    return String(decoding: bytes, as: UTF8.self)
  }
}

extension Value {
  /// What a column has in place of a value of its type.
  fileprivate var copiedKind: String {
    switch self {
    case .null: "NULL"
    case .integer(let integer): "the integer \(integer)"
    case .boolean: "a Boolean"
    case .real: "a floating-point number"
    case .text, .malformedText: "text"
    case .blob: "a blob"
    // These are only bound, never read.
    case .integers, .texts: "several values"
    }
  }
}
