internal import CPQ

/// The numbers of the types of parameters, which never change: `pg_type.dat` of PostgreSQL.
enum TypeNumber {
  /// The server infers the type.
  static let inferred: Oid = 0
  static let boolean: Oid = 16
  static let bytea: Oid = 17
  static let bigint: Oid = 20
  static let text: Oid = 25
  static let double: Oid = 701
  static let textArray: Oid = 1009
  static let bigintArray: Oid = 1016
}
