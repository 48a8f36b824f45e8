/// The current row of a running query, as an engine holds it: the source of a `Row`.
package protocol RowSource: AnyObject {
  /// The first invalid value of the row, until it is taken.
  var fault: MalformedValue? { get set }

  /// The type of a column's value.
  func kind(of column: Int32) -> Value.Kind

  /// The integer in a column, 0 or 1 for a Boolean; `nil` for any other value.
  func integer(_ column: Int32) -> Int64?

  /// The number in a column that holds a floating-point value.
  func real(_ column: Int32) -> Double

  /// The bytes of a column's value as text, valid until the next row; the base address is `nil`
  /// only for `NULL`.
  func bytes(_ column: Int32) -> UnsafeBufferPointer<UInt8>

  /// The name of a column in the result.
  func name(of column: Int32) -> String

  /// The table of a column, if the engine reports it.
  func table(of column: Int32) -> String?
}
