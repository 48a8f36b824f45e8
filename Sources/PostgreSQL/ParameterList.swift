internal import CPQ
internal import SQL

/// The values of a statement's parameters in the form in which libpq sends them.
///
/// Integers, Booleans, numbers, blobs and arrays are in PostgreSQL's binary form and have a type.
/// Text is sent as text without a type, so that it can become whatever the statement compares it
/// with: text, a date or JSON. `NULL` has no type either.
struct ParameterList {
  /// The type of each parameter.
  private(set) var types: [Oid] = []

  private var bytes: [UInt8] = []
  /// Where each value begins; `nil` for `NULL`.
  private var starts: [Int?] = []
  private var lengths: [Int32] = []
  private var formats: [Int32] = []

  private init() {}

  /// The values of a statement without parameters.
  static let none = ParameterList()

  init(_ values: [Value]) throws(DatabaseError) {
    for value in values { try append(value) }
  }

  private mutating func append(_ value: Value) throws(DatabaseError) {
    switch value {
    case .null: append(type: TypeNumber.inferred, isBinary: false, start: nil)
    case .integer(let integer):
      append(type: TypeNumber.bigint, isBinary: true, start: bytes.count)
      append(integer)
    case .boolean(let boolean):
      append(type: TypeNumber.boolean, isBinary: true, start: bytes.count)
      bytes.append(boolean ? 1 : 0)
    case .real(let number):
      append(type: TypeNumber.double, isBinary: true, start: bytes.count)
      append(number.bitPattern)
    case .blob(let blob):
      append(type: TypeNumber.bytea, isBinary: true, start: bytes.count)
      bytes += blob
    case .text(let text): try append(text: text.utf8)
    case .malformedText(let text): try append(text: text)
    case .integers(let integers):
      append(type: TypeNumber.bigintArray, isBinary: true, start: bytes.count)
      appendArrayHeader(count: integers.count, of: TypeNumber.bigint)
      for integer in integers {
        append(Int32(8))
        append(integer)
      }
    case .texts(let texts):
      append(type: TypeNumber.textArray, isBinary: true, start: bytes.count)
      appendArrayHeader(count: texts.count, of: TypeNumber.text)
      for text in texts {
        try refuseZero(in: text.utf8)
        append(Int32(text.utf8.count))
        bytes += text.utf8
      }
    }
    if let start = starts.last ?? nil { lengths[lengths.count - 1] = Int32(bytes.count - start) }
    // The end of a text, and an address for an empty blob.
    bytes.append(0)
  }

  private mutating func append(text: some Collection<UInt8>) throws(DatabaseError) {
    try refuseZero(in: text)
    append(type: TypeNumber.inferred, isBinary: false, start: bytes.count)
    bytes += text
  }

  private mutating func append(type: Oid, isBinary: Bool, start: Int?) {
    types.append(type)
    formats.append(isBinary ? 1 : 0)
    starts.append(start)
    lengths.append(0)
  }

  /// Throws for a text that PostgreSQL does not store, and that libpq would end at the zero.
  private func refuseZero(in text: some Collection<UInt8>) throws(DatabaseError) {
    if text.contains(0) { throw .constraint(detail: "a text contains a NUL byte") }
  }

  /// The beginning of an array; see `array_recv` in arrayfuncs.c of PostgreSQL.
  private mutating func appendArrayHeader(count: Int, of type: Oid) {
    append(Int32(count == 0 ? 0 : 1))  // Dimensions.
    append(Int32(0))  // No element is NULL.
    append(type)
    if count == 0 { return }
    append(Int32(count))
    append(Int32(1))  // The number of the first element.
  }

  private mutating func append(_ integer: some FixedWidthInteger) {
    unsafe withUnsafeBytes(of: integer.bigEndian) { unsafe bytes += $0 }
  }

  /// Whether a statement that was prepared for some types takes these values: `NULL` has any type.
  func fit(_ prepared: [Oid]) -> Bool {
    types.count == prepared.count
      && types.indices.allSatisfy { starts[$0] == nil || types[$0] == prepared[$0] }
  }

  /// Calls a body with what libpq takes: the number of values, their types, their addresses, their
  /// lengths, and whether each is binary.
  func withPointers(
    _ body: (
      Int32, UnsafePointer<Oid>?, UnsafePointer<UnsafePointer<CChar>?>?, UnsafePointer<Int32>?,
      UnsafePointer<Int32>?
    ) -> Int32
  ) -> Int32 {
    unsafe bytes.withUnsafeBytes { bytes in
      let base = unsafe bytes.baseAddress?.assumingMemoryBound(to: CChar.self)
      let addresses: [UnsafePointer<CChar>?] = unsafe starts.map { start in
        guard let start, let base = unsafe base else { return nil }
        return unsafe base + start
      }
      return unsafe body(Int32(starts.count), types, addresses, lengths, formats)
    }
  }
}
