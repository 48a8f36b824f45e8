internal import RegctlCore

extension Diagnostic {
  /// The words for a line of a file of accounts that is not imported.
  init(_ error: ImportError) {
    let place = "line \(error.line): "
    let quote = TerminalText.quote
    func make(
      _ message: String, hint: Hint? = nil, code: ErrorCode = .invalidValue,
      exit: ExitCode = .data
    ) -> Diagnostic {
      Diagnostic(code, exit, place + message, hint: hint)
    }
    switch error.fault {
    case .tooLong: self = make("it has more than 64 KiB")
    case .notUTF8: self = make("it is not UTF-8", hint: "convert the file with iconv")
    case .json(let fault): self = make(Self.words(for: fault))
    case .csv(.openQuote): self = make("a quote is not closed")
    case .csv(.strayQuote):
      self = make(
        "a quote stands where none may be", hint: "put the value in quotes, and double those in it")
    case .csv(.notUTF8): self = make("it is not UTF-8", hint: "convert the file with iconv")
    case .fieldCount(let count, let expected):
      self = make("it has \(count) fields, and the header \(expected)")
    case .unknownField(let name, let suggestion):
      self = make(
        SecretText.isName(name)
          ? "there is no field \(quote(name))" : "a field has an unknown name",
        hint: suggestion.map { "did you mean \(quoting: $0)?" } ?? Self.fieldsHint)
    case .repeatedField(let name): self = make("\(quote(name)) is there twice")
    case .missingEmail: self = make("there is no email", hint: Self.fieldsHint)
    case .noColumn: self = make("no column is named email", hint: Self.fieldsHint)
    case .keyFile(let path):
      self = Diagnostic(
        .invalidValue, .data, "\(quote(path)) holds signing keys and is not a file of accounts")
    case .address(let fault):
      let words = Diagnostic(fault)
      self = make(words.message, hint: Self.hint(for: fault.fault), code: .invalidEmail)
    case .passwordHash:
      self = make(
        "password is no bcrypt hash",
        hint: "leave it out, and give one later with regctl set-password", code: .invalidPassword)
    case .date(let field, let text):
      self = make(
        "\(field.rawValue) cannot be \(Self.words(forValue: text))",
        hint: "write 2026-11-23 09:00:00.000000 or 2026-11-23T09:00:00Z")
    case .boolean(let field, let text):
      self = make(
        "\(field.rawValue) cannot be \(Self.words(forValue: text)): it is true, false, 1 or 0")
    case .identity(let text):
      self = make("id cannot be \(Self.words(forValue: text)): a number from 1 is needed")
    case .schema(let text):
      self = make(
        SecretText.holdsSecret(text)
          ? "schema cannot be what stands there"
          : "schema \(quote(text)) is not known to this regctl", hint: "install the newer regctl")
    case .registered(let email):
      self = make(
        "\(TerminalText.escape(email)) is already registered, and not the same",
        hint: Hint(ShellCommand("regctl show", email)), code: .alreadyRegistered, exit: .refused)
    case .numberTaken(let id, let email):
      self = make(
        "number \(id.rawValue) belongs to \(TerminalText.escape(email))",
        hint: "leave id out, and the account gets another", code: .alreadyRegistered,
        exit: .refused)
    case .array:
      self = make("a JSON array is not read", hint: "write one object a line: jq -c '.[]'")
    }
  }

  private static var fieldsHint: Hint {
    "the fields are \(quoting: AccountField.allCases.map(\.rawValue).joined(separator: ","))"
  }

  /// A value in quotes, unless it may be a secret that got into the wrong column.
  private static func words(forValue text: String) -> String {
    SecretText.holdsSecret(text) ? "what stands there" : TerminalText.quote(text)
  }

  private static func words(for fault: ImportError.JSONFault) -> String {
    switch fault {
    case .noObject: "it is no JSON object"
    case .nested(let key):
      "\(SecretText.isName(key) ? TerminalText.quote(key) : "a field") holds an object or array"
    case .syntax(let byte): "it is no JSON at byte \(byte)"
    }
  }

  /// Lines of a file were refused; each was said before, if they were not too many.
  static func linesRefused(_ count: Int, of total: Int, isHeard: Bool) -> Diagnostic {
    let words =
      if total == 1 {
        "the line was refused"
      } else {
        "\(count == total ? "all \(count)" : "\(count) of \(total)") lines were refused"
      }
    return Diagnostic(
      .partial, count == total ? .data : .refused, words,
      hint: isHeard ? nil : "--json names all of them")
  }
}
