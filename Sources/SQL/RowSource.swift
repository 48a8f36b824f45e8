/// The present row of a running query, as an engine holds it: what a `Row` reads from.
package protocol RowSource: AnyObject {
  /// The first value of the row that cannot be what its column is for, until somebody takes it.
  var fault: MalformedValue? { get set }

  /// What a column holds.
  func kind(of column: Int32) -> Value.Kind

  /// The integer in a column, 0 or 1 for a Boolean; `nil` when it holds anything else.
  func integer(_ column: Int32) -> Int64?

  /// The number in a column that holds a real one.
  func real(_ column: Int32) -> Double

  /// The bytes of a column's value as text, valid until the next row; without an address for
  /// `NULL` alone.
  func bytes(_ column: Int32) -> UnsafeBufferPointer<UInt8>

  /// The name of a column in the result.
  func name(of column: Int32) -> String

  /// The table that a column comes from, as far as the engine tells.
  func table(of column: Int32) -> String?
}
