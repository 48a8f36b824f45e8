/// An open database of some engine, used by one thread.
///
/// The engine's own error codes become a `DatabaseError` here; callers see nothing behind this
/// protocol.
package protocol Database: AnyObject {
  /// What placeholders in statements stand for; set before the first statement that has some.
  var names: Names { get set }

  /// Runs a statement, calling `body` for each row until it returns `false`, and returns the number
  /// of rows inserted, updated or deleted, not counting triggers.
  ///
  /// A row with an invalid value ends the statement with an error, unless `body` took the fault. No
  /// lock outlives the call. `body` runs no other statement. A statement that may have more rows than
  /// `body` takes has a `LIMIT`, since an engine may read them all.
  @discardableResult
  func step(
    _ statement: Statement, _ values: [Value], _ body: (borrowing Row) -> Bool
  ) throws(DatabaseError) -> Int

  /// Runs a statement assembled at run time; it is compiled each time.
  @discardableResult
  func step(
    _ text: SQLText, _ values: [Value], _ body: (borrowing Row) -> Bool
  ) throws(DatabaseError) -> Int

  /// Runs a statement assembled at run time, which an engine may compile once.
  @discardableResult
  func step(
    _ statement: AssembledStatement, _ values: [Value], _ body: (borrowing Row) -> Bool
  ) throws(DatabaseError) -> Int

  /// Runs statements that return no rows, separated by semicolons.
  func execute(_ statements: Statement) throws(DatabaseError)

  /// Begins a transaction that excludes other writers: what is read inside cannot change before it
  /// is written.
  func begin() throws(DatabaseError)

  /// Begins a transaction of its own, which runs a statement with each list of values. Until the result
  /// is awaited, no other statement runs. On a server all of it takes one round trip.
  func beginCommit(
    _ statement: Statement, each lists: [[Value]]
  ) throws(DatabaseError) -> any PendingCommit

  /// Commits the transaction; it is durable when this returns.
  func commit() throws(DatabaseError)

  /// Rolls back the transaction; has no effect if the engine has already done so.
  func rollBack()

  /// A number that changes when another connection has committed a change.
  func writesOfOthers() throws(DatabaseError) -> Int64

  /// Rejects every change from now on.
  func refuseChanges() throws(DatabaseError)

  /// Enlarges the page cache for work on many rows, whose indexes fit no smaller cache, if the cache
  /// is the connection's.
  func enlargeCache() throws(DatabaseError)

  /// Calls a function again and again from now on while statements run or, on a server, between the
  /// statements of a check. It uses no statement of this database.
  func observeWork(_ body: @escaping () -> Void)

  /// The first problem found in the database's pages and indexes, or `nil`.
  func firstFault() throws(DatabaseError) -> String?
}
