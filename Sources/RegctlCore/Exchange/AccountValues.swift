internal import Base

/// The values of one line, by field, before they are understood; what is not given is `null`.
struct AccountValues {
  private var values = [JSONScalar](repeating: .null, count: AccountField.names.count)
  private var isGiven = [Bool](repeating: false, count: AccountField.names.count)
  private var last = AccountField.names.count - 2

  /// Forgets the line before.
  mutating func clear() {
    for index in values.indices {
      values[index] = .null
      isGiven[index] = false
    }
  }

  /// The value of a field by its place among all.
  subscript(field: Int) -> JSONScalar {
    get { values[field] }
    set { values[field] = newValue }
  }

  private subscript(field: AccountField) -> JSONScalar {
    // By hand, since to look a case up among all would take longer than what is done with it.
    switch field {
    case .id: values[0]
    case .email: values[1]
    case .password: values[2]
    case .registeredOn: values[3]
    case .admin: values[4]
    case .confirmed: values[5]
    case .confirmedOn: values[6]
    case .schema: values[7]
    }
  }

  /// The address, as far as there is one to name the line by.
  var email: String? { if case .text(let text) = self[.email] { text } else { nil } }

  /// Notes a member of a JSON object.
  mutating func set(_ key: String, _ value: JSONScalar) throws(ImportError.Fault) {
    let names = AccountField.names
    // Nearly always the keys stand in the order of the line before.
    var index = last + 1 < names.count ? last + 1 : 0
    if names[index] != key {
      guard let found = names.firstIndex(of: key) else {
        throw .unknownField(key, suggestion: EditDistance.nearest(to: key, among: names))
      }
      index = found
    }
    guard !isGiven[index] else { throw .repeatedField(key) }
    isGiven[index] = true
    last = index
    values[index] = value
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
      _ = try EmailAddress(text)
    } catch {
      throw .address(error)
    }
    return text
  }

  private func hash() throws(ImportError.Fault) -> PasswordHash {
    switch self[.password] {
    case .null, .text(""): return .unusable
    case .text(let text):
      let hash = PasswordHash(stored: text)
      guard hash == .unusable || hash.isBcrypt else { throw .passwordHash }
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

  /// The text that is stored of a date.
  private func date(_ field: AccountField) throws(ImportError.Fault) -> String? {
    switch self[field] {
    case .null, .text(""): return nil
    case .text(let text):
      guard let stored = Instant.storedText(of: text) else { throw .date(field, text) }
      return stored
    case .number(let text): throw .date(field, text)
    case .boolean(let boolean): throw .date(field, "\(boolean)")
    }
  }
}
