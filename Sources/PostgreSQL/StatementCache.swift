internal import CPQ

/// The statements that a connection has run, by the address of their text and the types of their
/// parameters.
///
/// A statement that is run once takes one round trip, unprepared; one that is run again is
/// prepared. The server frees what is prepared when the connection ends.
struct StatementCache {
  struct Entry {
    fileprivate let identity: UInt
    let types: [Oid]

    /// The statement with its placeholders filled.
    let text: String

    /// The name under which the server has prepared it.
    var name: String?
  }

  private var entries: [Entry] = []
  private var preparedCount = 0

  subscript(index: Int) -> Entry { entries[index] }

  /// The entry of a statement that takes these values.
  func index(of words: StaticString, _ parameters: ParameterList) -> Int? {
    let identity = unsafe UInt(bitPattern: words.utf8Start)
    // A command has only a few statements, and most often repeats the last one.
    return entries.lastIndex { $0.identity == identity && parameters.fit($0.types) }
  }

  /// Adds a statement.
  mutating func add(_ words: StaticString, as text: String, _ parameters: ParameterList) {
    entries.append(
      Entry(
        identity: unsafe UInt(bitPattern: words.utf8Start), types: parameters.types, text: text))
  }

  /// A name that no statement of the connection has had.
  mutating func makeName() -> String {
    preparedCount += 1
    return "s\(preparedCount)"
  }

  /// Records that a statement is prepared under a name, or no longer.
  mutating func setName(_ name: String?, at index: Int) { entries[index].name = name }
}
