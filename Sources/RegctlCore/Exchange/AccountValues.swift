internal import Base

/// The values of one line, by field, before they are understood; what is not given is `null`.
struct AccountValues {
  private var values: [AccountField: JSONScalar] = [:]

  /// Forgets the line before.
  mutating func clear() { values.removeAll(keepingCapacity: true) }

  /// The value of a field.
  subscript(field: AccountField) -> JSONScalar {
    get { values[field] ?? .null }
    set { values[field] = newValue }
  }

  /// The address, as far as there is one to name the line by.
  var email: String? { if case .text(let text) = self[.email] { text } else { nil } }

  /// Notes a member of a JSON object.
  mutating func set(_ key: String, _ value: JSONScalar) throws(ImportError.Fault) {
    guard let field = AccountField(rawValue: key) else {
      throw .unknownField(key, suggestion: EditDistance.nearest(to: key, among: AccountField.names))
    }
    guard values[field] == nil else { throw .repeatedField(key) }
    values[field] = value
  }

  // MARK: Understanding

  /// The account that the values describe.
  func account() throws(ImportError.Fault) -> ImportedAccount {
    switch self[.schema] {
    case .null, .number("1"), .text("1"), .text(""): break
    case .number(let text), .text(let text): throw .schema(text)
    case .boolean(let boolean): throw .schema("\(boolean)")
    }
    let email = try address()
    let confirmedOn = try date(.confirmedOn)
    return ImportedAccount(
      id: try number(), email: email, passwordHash: try hash(),
      registeredOn: try date(.registeredOn),
      isAdmin: try boolean(.admin) ?? false,
      isConfirmed: try boolean(.confirmed) ?? (confirmedOn != nil), confirmedOn: confirmedOn)
  }

  private func address() throws(ImportError.Fault) -> String {
    let text: String
    switch self[.email] {
    case .null, .text(""): throw .missingEmail
    case .text(let given), .number(let given): text = given
    case .boolean(let boolean): text = "\(boolean)"
    }
    do throws(AddressError) {
      _ = try EmailAddress(text, rule: .stored)
    } catch {
      throw .address(error)
    }
    return text
  }

  private func hash() throws(ImportError.Fault) -> PasswordHash {
    switch self[.password] {
    case .null, .text(""): return .unusable
    case .text(let text):
      let hash = PasswordHash(stored: PasswordHash(stored: text).plainText)
      guard hash == .unusable || hash.isHash else { throw .passwordHash }
      return hash
    case .boolean, .number: throw .passwordHash
    }
  }

  private func number() throws(ImportError.Fault) -> AccountID? {
    switch self[.id] {
    case .null, .text(""): return nil
    case .number(let text), .text(let text):
      guard text.utf8.allSatisfy(\.isDigit), let number = Int64(text), number > 0 else {
        throw .identity(text)
      }
      return AccountID(rawValue: number)
    case .boolean(let boolean): throw .identity("\(boolean)")
    }
  }

  private func boolean(_ field: AccountField) throws(ImportError.Fault) -> Bool? {
    switch self[field] {
    case .null, .text(""): return nil
    case .boolean(let boolean): return boolean
    case .number(let text), .text(let text):
      switch text {
      case "0", "false", "False", "FALSE": return false
      case "1", "true", "True", "TRUE": return true
      default: throw .boolean(field, text)
      }
    }
  }

  private func date(_ field: AccountField) throws(ImportError.Fault) -> ImportedDate? {
    switch self[field] {
    case .null, .text(""): return nil
    case .text(let text):
      guard let date = ImportedDate(text) else { throw .date(field, text) }
      return date
    case .number(let text): throw .date(field, text)
    case .boolean(let boolean): throw .date(field, "\(boolean)")
    }
  }
}
