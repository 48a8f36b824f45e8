/// An open database of some engine; it belongs to one thread.
///
/// The engine's own codes become a `DatabaseError` here: nothing behind this protocol is known to who
/// calls it.
package protocol Database: AnyObject {
  /// Runs one statement, calling `body` for each row until it returns `false`, and returns how many
  /// rows it inserted, updated or deleted, triggers not counted.
  ///
  /// A row of which a value is not what its column was read as ends the statement with an error,
  /// unless `body` has taken the fault. No lock outlives the call.
  @discardableResult
  func step(
    _ statement: Statement, _ values: [Value], _ body: (borrowing Row) -> Bool
  ) throws(DatabaseError) -> Int

  /// Runs one statement that was put together at run time; it is compiled anew each time.
  @discardableResult
  func step(
    _ text: SQLText, _ values: [Value], _ body: (borrowing Row) -> Bool
  ) throws(DatabaseError) -> Int

  /// Runs statements that return nothing, several separated by semicolons.
  func execute(_ statements: Statement) throws(DatabaseError)

  /// Begins a transaction that is the only one to write: what is read inside cannot change before it
  /// is written.
  func begin() throws(DatabaseError)

  /// Makes the transaction take effect, for good when this returns.
  func commit() throws(DatabaseError)

  /// Takes back what the transaction did; an engine that did so by itself is content.
  func rollBack()

  /// Takes memory for work on so many rows that their indexes fit no smaller cache.
  func enlargeCache() throws(DatabaseError)

  /// The first thing that is wrong with the database's pages and indexes, or `nil`.
  func firstFault() throws(DatabaseError) -> String?

  /// Copies the whole database of one moment into an empty file, while others go on reading and
  /// writing, and reads the copy back: that of a damaged database is none.
  func backUp(to path: String) throws(DatabaseError)
}
