internal import RegctlCore

extension Diagnostic {
  /// Creates the diagnostic for a rejected line of an account file.
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
    case .tooLong: self = make("longer than 64 KiB")
    case .notUTF8: self = make("not UTF-8", hint: "convert the file with iconv")
    case .json(let fault): self = make(Self.words(for: fault))
    case .csv(.openQuote): self = make("unclosed quote")
    case .csv(.strayQuote):
      self = make(
        "unexpected quote", hint: "put the value in quotes and double each quote inside it")
    case .csv(.notUTF8): self = make("not UTF-8", hint: "convert the file with iconv")
    case .fieldCount(let count, let expected):
      self = make("\(count) fields, but the header has \(expected)")
    case .unknownFields(let names, let suggestion):
      let shown = names.filter(SecretText.isColumnName)
      self = make(
        (names.count == 1 ? "unknown field" : "unknown fields")
          + (shown.isEmpty ? "" : " " + shown.map(quote).joined(separator: ", ")),
        hint: Self.hint(forUnknown: names, suggestion: suggestion))
    case .repeatedField(let name): self = make("duplicate field \(quote(name))")
    case .columnValue(let name):
      self = make(
        "invalid value for \(quote(name))",
        hint: #"a type is integer, real, text or blob, and bytes are hexadecimal: {"blob":"00ff"}"#)
    case .columnMissing(let name):
      self = make(
        "\(quote(name)) is missing, which the table requires",
        hint: "add the column to the file, or name the one that has its values with --map")
    case .constraint(let detail):
      self = make(
        "a constraint of the table forbids the account: \(TerminalText.escape(detail))",
        exit: .refused)
    case .missingEmail: self = make("email is missing", hint: Self.fieldsHint)
    case .noColumn: self = make("no column named email", hint: Self.fieldsHint)
    case .keyFile(let path):
      self = Diagnostic(
        .invalidValue, .data, "\(quote(path)) contains signing keys and is not an account file")
    case .address(let fault):
      let words = Diagnostic(fault)
      self = make(words.message, hint: Self.hint(for: fault.fault), code: .invalidEmail)
    case .passwordHash:
      self = make(
        "password is not a hash of bcrypt or Werkzeug",
        hint: "leave it out, and set a password later with regctl set-password",
        code: .invalidPassword)
    case .date(let field, let text):
      self = make(
        "invalid value \(Self.words(forValue: text))for \(field.rawValue)",
        hint: "write 2026-11-23 09:00:00.000000 or 2026-11-23T09:00:00Z")
    case .boolean(let field, let text):
      self = make(
        "invalid value \(Self.words(forValue: text))for \(field.rawValue): must be true, false, 1 or 0"
      )
    case .identity(let text):
      self = make("invalid value \(Self.words(forValue: text))for id: must be a positive integer")
    case .language(let text):
      self = make(
        "invalid value \(Self.words(forValue: text))for language: must be a language tag",
        hint: "write a tag such as de or pt-BR")
    case .schema(let text):
      self = make(
        SecretText.holdsSecret(text)
          ? "invalid value for schema"
          : "unknown schema \(quote(text))", hint: "install a newer version of regctl")
    case .registered(let email):
      self = make(
        "\(TerminalText.escape(email)) is already registered with other values",
        hint: Hint(ShellCommand("regctl show", email)), code: .alreadyRegistered, exit: .refused)
    case .numberTaken(let id, let email):
      self = make(
        "number \(id.rawValue) belongs to \(TerminalText.escape(email))",
        hint: "leave id out to get a free number", code: .alreadyRegistered,
        exit: .refused)
    case .locked(let email):
      self = make(
        "the domain of \(TerminalText.escape(email)) is locked",
        hint: Hint(ShellCommand("regctl unlock", Self.domain(of: email))), code: .locked,
        exit: .refused)
    case .denied(let email, let line):
      self = make(
        Self.words(for: line, denying: email), hint: Self.hint(for: line), code: .domainDenied,
        exit: .refused)
    case .array:
      self = make("JSON arrays are not supported", hint: "write one object per line: jq -c '.[]'")
    }
  }

  /// The domain of an address as `unlock` takes it.
  private static func domain(of email: String) -> String {
    String(decoding: email.utf8.drop { $0 != UInt8(ascii: "@") }, as: UTF8.self)
  }

  private static var fieldsHint: Hint {
    "the fields are \(quoting: AccountField.allCases.map(\.rawValue).joined(separator: ","))"
  }

  /// How to import a file with unknown keys, which are named only if they cannot be secrets.
  private static func hint(forUnknown names: [String], suggestion: String?) -> Hint {
    let question: Hint = suggestion.map { "did you mean \(quoting: $0)? " } ?? ""
    guard names.allSatisfy(SecretText.isColumnName) else {
      return "\(question)--map COLUMN=none leaves a column out"
    }
    let whole: Hint = names.count == 1 ? "leave it out with" : "leave them out with"
    return names.reduce("\(question)\(whole)") { "\($0) --map \(quoting: "\($1)=none")" }
  }

  /// A value in quotes, unless it may be a secret in the wrong column.
  private static func words(forValue text: String) -> String {
    SecretText.holdsSecret(text) ? "" : TerminalText.quote(text) + " "
  }

  private static func words(for fault: ImportError.JSONFault) -> String {
    switch fault {
    case .noObject: "not a JSON object"
    case .nested(let key):
      "\(SecretText.isName(key) ? TerminalText.quote(key) : "a field") is an object or array"
    case .syntax(let byte): "JSON syntax error at byte \(byte)"
    }
  }

  /// The diagnostic for rejected lines; `isHeard` means that each was printed before.
  static func linesRefused(_ count: Int, of total: Int, isHeard: Bool) -> Diagnostic {
    let words =
      if total == 1 {
        "the line was refused"
      } else {
        "\(count == total ? "all \(count)" : "\(count) of \(total)") lines were refused"
      }
    return Diagnostic(
      .partial, count == total ? .data : .refused, words,
      hint: isHeard ? nil : "--json lists all of them")
  }
}
