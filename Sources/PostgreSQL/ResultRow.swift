internal import Base
internal import CPQ
internal import SQL

/// The current row of a running query, in PostgreSQL's binary form.
@safe final class ResultRow: RowSource {
  var fault: MalformedValue?

  private let pq: UnsafePointer<regctl_libpq>
  private var result: OpaquePointer?
  private var types: [ColumnType] = []

  /// Values that the server does not send as text, as text: a place for each column.
  private var written: UnsafeMutablePointer<UInt8>?
  private static let greatestLength = 32

  init(_ pq: UnsafePointer<regctl_libpq>) { unsafe self.pq = pq }

  deinit { unsafe written?.deallocate() }

  /// Makes the first row of a result the current one; all rows of a query have the same columns.
  ///
  /// Throws for a column of a type that is not read.
  func become(_ result: OpaquePointer) throws(DatabaseError) {
    unsafe self.result = result
    if !types.isEmpty { return }
    for column in 0..<(unsafe pq.pointee.PQnfields(result)) {
      let type = unsafe ColumnType(pq.pointee.PQftype(result, column))
      if case .other(let number) = type {
        throw .unexpected(code: "type \(number)", detail: "the type of \(name(of: column))")
      }
      types.append(type)
    }
  }

  /// Forgets the row, whose result is about to be freed.
  func leave() { unsafe result = nil }

  func kind(of column: Int32) -> Value.Kind {
    if unsafe pq.pointee.PQgetisnull(result, 0, column) == 1 { return .null }
    return switch types[Int(column)] {
    case .integer: .integer
    case .float, .double: .real
    case .bytes: .blob
    case .text, .timestamp, .date, .jsonb, .other: .text
    }
  }

  func integer(_ column: Int32) -> Int64? {
    guard types[Int(column)] == .integer else { return nil }
    let bytes = unsafe raw(column)
    // NULL has no bytes.
    return unsafe bytes.isEmpty ? nil : Self.integer(bytes)
  }

  func real(_ column: Int32) -> Double {
    let bits = unsafe Self.integer(raw(column))
    return types[Int(column)] == .float
      ? Double(Float(bitPattern: UInt32(truncatingIfNeeded: bits)))
      : Double(bitPattern: UInt64(bitPattern: bits))
  }

  func bytes(_ column: Int32) -> UnsafeBufferPointer<UInt8> {
    if unsafe pq.pointee.PQgetisnull(result, 0, column) == 1 {
      return unsafe UnsafeBufferPointer(start: nil, count: 0)
    }
    let bytes = unsafe raw(column)
    switch types[Int(column)] {
    case .text, .bytes, .other: return unsafe bytes
    case .jsonb: return unsafe UnsafeBufferPointer(rebasing: bytes.dropFirst())
    case .integer: return unsafe keep("\(Self.integer(bytes))".utf8, of: column)
    case .float, .double: return unsafe keep("\(real(column))".utf8, of: column)
    case .timestamp:
      return unsafe keep(BinaryDate.text(ofMicroseconds: Self.integer(bytes)), of: column)
    case .date:
      return unsafe keep(
        BinaryDate.text(ofDays: Int32(truncatingIfNeeded: Self.integer(bytes))), of: column)
    }
  }

  func name(of column: Int32) -> String {
    unsafe CStrings.text(at: pq.pointee.PQfname(result, column))
  }

  /// The server sends only a number of the table.
  func table(of column: Int32) -> String? { nil }

  /// The bytes of a value as the server sent them.
  private func raw(_ column: Int32) -> UnsafeBufferPointer<UInt8> {
    let start = unsafe UnsafeRawPointer(pq.pointee.PQgetvalue(result, 0, column))
    let count = unsafe pq.pointee.PQgetlength(result, 0, column)
    return unsafe UnsafeBufferPointer(
      start: start?.assumingMemoryBound(to: UInt8.self), count: Int(count))
  }

  /// The integer of 1 to 8 bytes, the most significant first.
  private static func integer(_ bytes: UnsafeBufferPointer<UInt8>) -> Int64 {
    // A Boolean has one byte; the others have a sign.
    let start: Int64 = unsafe bytes.count > 1 && bytes[0] >= 0x80 ? -1 : 0
    return unsafe bytes.reduce(start) { $0 << 8 | Int64($1) }
  }

  /// Copies a text to the place of a column, where it stays until the next row.
  private func keep(
    _ text: some Collection<UInt8>, of column: Int32
  ) -> UnsafeBufferPointer<UInt8> {
    precondition(text.count <= Self.greatestLength, "no number or date is longer")
    let all =
      unsafe written ?? UnsafeMutablePointer.allocate(capacity: types.count * Self.greatestLength)
    unsafe written = all
    let place = unsafe UnsafeMutableBufferPointer(
      start: all + Int(column) * Self.greatestLength, count: Self.greatestLength)
    let end = unsafe place.update(fromContentsOf: text)
    return unsafe UnsafeBufferPointer(rebasing: place[..<end])
  }
}
