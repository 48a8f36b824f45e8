/// Why a line of a file of accounts is not imported, or why nothing of the file can be.
package struct ImportError: Error, Equatable, Sendable {
  /// The number of the line, from 1.
  package let line: Int
  package let fault: Fault

  /// Why a line is not a JSON object of simple values.
  package enum JSONFault: Equatable, Sendable {
    case noObject
    /// An object or array as the value of a key.
    case nested(String)
    /// Something is out of place, at a byte counted from 1.
    case syntax(byte: Int)
  }

  package enum Fault: Error, Equatable, Sendable {
    /// More than 64 KiB.
    case tooLong
    case notUTF8
    case json(JSONFault)
    case csv(CSVRecord.Fault)
    /// A line of CSV with another number of fields than the header.
    case fieldCount(Int, expected: Int)
    /// A key or column that no account has.
    case unknownField(String, suggestion: String?)
    case repeatedField(String)
    case missingEmail
    /// A header of CSV in which no column is one of an account, nor nearly so.
    case noColumn
    /// The file holds signing keys.
    case keyFile(path: String)
    case address(AddressError)
    /// A value that is not a bcrypt hash; it may be a password, so it is not repeated.
    case passwordHash
    case date(AccountField, String)
    case boolean(AccountField, String)
    case identity(String)
    case schema(String)
    /// The address belongs to an account that differs from the line.
    case registered(email: String)
    case numberTaken(AccountID, by: String)
    /// The file is a JSON array.
    case array
  }
}
