internal import CPQ

/// The types of columns that are read, and the form in which the server sends their values.
enum ColumnType: Equatable {
  /// Whole numbers of 1, 2, 4 or 8 bytes; a Boolean is one of 1 byte.
  case integer
  case float, double
  case text
  case bytes
  /// Microseconds since 2000-01-01; with a time zone, in UTC.
  case timestamp
  /// Days since 2000-01-01.
  case date
  /// A version byte and text.
  case jsonb
  case other(Oid)

  /// The first number of a type that is not PostgreSQL's own (`FirstNormalObjectId`).
  private static let firstForeign: Oid = 16384

  /// The type with a number in `pg_type.dat` of PostgreSQL.
  init(_ number: Oid) {
    self =
      switch number {
      // bool, int8, int2, int4.
      case 16, 20, 21, 23: .integer
      case 700: .float
      case 701: .double
      // char, name, text, json, unknown, bpchar, varchar, void.
      case 18, 19, 25, 114, 705, 1042, 1043, 2278: .text
      case 17: .bytes
      // timestamp, timestamptz.
      case 1114, 1184: .timestamp
      case 1082: .date
      case 3802: .jsonb
      // An enumerated type and citext, whose binary form is their text.
      case Self.firstForeign...: .text
      default: .other(number)
      }
  }
}
