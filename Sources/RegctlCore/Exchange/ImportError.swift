/// The reason why a line of an account file, or the whole file, cannot be imported.
package struct ImportError: Error, Equatable, Sendable {
  /// The line number, from 1.
  package let line: Int
  package let fault: Fault

  /// The reason why a line is not a JSON object of simple values.
  package enum JSONFault: Equatable, Sendable {
    case noObject
    /// An object or array as a value.
    case nested(String)
    /// A syntax error, at a byte counted from 1.
    case syntax(byte: Int)
  }

  package enum Fault: Error, Equatable, Sendable {
    /// More than 64 KiB.
    case tooLong
    case notUTF8
    case json(JSONFault)
    case csv(CSVRecord.Fault)
    /// A CSV line with a number of fields that differs from the header.
    case fieldCount(Int, expected: Int)
    /// Keys or columns that are neither fields of an account nor columns of the table, and what was
    /// probably meant by the first.
    case unknownFields([String], suggestion: String?)
    case repeatedField(String)
    /// A value of an application's own column that is not in the form of the file.
    case columnValue(String)
    /// A column of the table, without a default, for which the line has no value.
    case columnMissing(String)
    /// A constraint of the application's own columns forbids the account; the engine's message.
    case constraint(String)
    case missingEmail
    /// A CSV header without any known or misspelled column.
    case noColumn
    /// The file contains signing keys.
    case keyFile(path: String)
    case address(AddressError)
    /// A value that is not a hash; it may be a password, so it is not repeated.
    case passwordHash
    case date(AccountField, String)
    case boolean(AccountField, String)
    case identity(String)
    /// A value that is not a language tag.
    case language(String)
    case schema(String)
    /// The address belongs to an account that differs from the line.
    case registered(email: String)
    case numberTaken(AccountID, by: String)
    /// The domain of the address is locked.
    case locked(email: String)
    /// A line of `deny_domains_file` denies the address.
    case denied(email: String, DeniedDomain)
    /// The file is a JSON array.
    case array
  }
}
