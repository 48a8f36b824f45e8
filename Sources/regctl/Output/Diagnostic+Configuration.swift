internal import RegctlCore
internal import System

extension Diagnostic {
  /// Creates the diagnostic for a rejected setting, configuration file or secret file.
  init(_ error: ConfigurationError) {
    let place = Self.words(for: error.origin)
    func make(
      _ message: String, hint: Hint? = nil, code: ErrorCode = .configError,
      exit: ExitCode = .configuration
    ) -> Diagnostic {
      Diagnostic(code, exit, place.map { "\($0): \(message)" } ?? message, hint: hint)
    }
    let quote = TerminalText.quote
    switch error.fault {
    case .unknownKey(let key, let suggestion):
      self = make(
        key.map { "unknown key \(quote($0))" } ?? "unknown key",
        hint: suggestion.map { "did you mean \(quoting: $0)?" }
          ?? "regctl config lists the keys")
    case .replacedKey(let key, let replacement):
      self = make("unknown key \(quote(key))", hint: "write \(quoting: replacement) instead")
    case .repeatedKey(let key, let firstLine):
      self = make("\(key) is already set in line \(firstLine)", hint: "keep one of the two")
    case .malformedLine:
      self = make("expected 'key = value' or a comment that begins with #")
    case .notUTF8:
      self = make("the line is not UTF-8")
    case .notADomain:
      self = make(
        "not a domain",
        hint: "write one domain a line, such as mailinator.com, or a comment after #")
    case .tooLarge:
      self = make("the file is too large")
    case .value(let setting, let value, let fault):
      let (words, hint) = Self.words(for: fault)
      // A salt may be the signing key.
      let hidesValue =
        !value.isEmpty && (fault.hidesValue || setting.utf8.suffix(5).elementsEqual("_salt".utf8))
      let shown = hidesValue ? "" : " \(quote(value))"
      if case .option(let option) = error.origin {
        self = Diagnostic(
          .invalidValue, .usage, "invalid value\(shown) for \(option): \(words)", hint: hint
        )
      } else {
        self = make("invalid value\(shown) for \(setting): \(words)", hint: hint)
      }
    case .keyFile(let path):
      self = make(
        "\(quote(path)) contains signing keys and is not a configuration file",
        hint: "name regctl.conf; secret_key_file in it names the keys")
    case .secretInsteadOfFile(let setting):
      self = make(
        "\(setting) must name a file, but its value looks like the secret itself",
        hint: """
          put the secret into a file (mode 0600) and name that file; a file in this directory is ./NAME
          """)
    case .missingPasswordFile:
      self = Diagnostic(
        .ioError, .noInput, "--password-file names a file that does not exist",
        hint: "put the password into a file (mode 0600), or use --password-file - to type it")
    case .missingSetting(let key):
      self = make(
        "\(key) is not set", hint: "set \(quoting: key) in regctl.conf; see regctl config")
    case .untrusted(let path, let place, let fault):
      let (words, hint) = Self.words(for: fault, at: place)
      self = make(place == path ? words : "\(quote(path)) is not trusted: \(words)", hint: hint)
    case .readableByOthers(let path, let permissions):
      self = make(
        "the secret \(quote(path)) is readable by others (mode \(Self.octal(permissions)))",
        hint: "consider replacing the secret, then: \(ShellCommand("chmod 600", path))")
    case .foreignOwner(let path, let uid):
      self = make(
        "the secret \(quote(path)) belongs to user \(uid)",
        hint: "it must belong to you or to root")
    case .notARegularFile(let path):
      self = make("\(quote(path)) is not a regular file")
    case .missingFile(let path, let setting):
      self = make(
        "no such file: \(quote(path))",
        hint: setting == "secret_key_file"
          ? """
          put the application's SECRET_KEY into it (mode 0600), or name another with secret_key_file
          """ : "check \(quoting: setting)")
    case .equalSalts(let first, let second):
      self = make(
        "\(first) and \(second) are equal, but each purpose needs its own salt",
        hint: "set \(quoting: second) to another value")
    case .newTable(let setting):
      self = make(
        "\(setting) is for an application's table, and create-db makes the original's",
        hint: "to adopt the application's database: regctl migrate-db")
    case .noResetColumn:
      self = make(
        "reset_link = application needs a column password_reset_token that may be empty",
        hint: "add the column to users with the application, or set reset_link = bound")
    case .saltAndFile:
      self = make(
        "security_password_salt and security_password_salt_file are both set",
        hint: "keep one of the two")
    case .noSalt(let path): self = make("\(quote(path)) contains no salt")
    case .noKey(let path):
      self = make("\(quote(path)) contains no key", hint: "write one key per line, the newest last")
    case .credentialOfKey:
      self = make(
        "the key file is a credential, a copy that systemd makes at each start",
        hint: """
          name the file that LoadCredential copies with secret_key_file, and run regctl rotate-key \
          outside of the unit
          """)
    case .fixedKeyFile(let path, let count):
      self = make(
        "cannot replace \(quote(path)): its directory belongs to another user",
        hint: count == 0
          ? "as root: openssl rand -base64 32 >> \(quoting: path)"
          : "as root: sed -i 1,\(count)d \(quoting: path)",
        code: .permissionDenied, exit: .noPermission)
    case .saltInKeyFile:
      self = make(
        "the last key is also the salt of confirmation links, so a new key would make them all invalid",
        hint: """
          put the present salt alone into another file (mode 0600), and name it with \
          security_password_salt_file
          """)
    case .weakKey(let path, let position, let weakness):
      self = make(
        "key \(position) of \(quote(path)) \(Self.words(for: weakness))",
        hint: Self.hint(for: weakness), code: .weakSecret)
    case .mailHeader(let fault):
      let (words, hint) = Self.words(for: fault)
      self = make(words, hint: hint)
    }
  }

  /// Why a file is not trusted, and the hint for correcting it.
  private static func words(
    for fault: FileTrust.Fault, at place: String
  ) -> (words: String, hint: Hint) {
    let quoted = TerminalText.quote(place)
    return switch fault {
    case .owner(let user):
      (
        "\(quoted) belongs to user \(user.text), not to root or to the user who runs regctl",
        "run regctl as its owner, or give it to root: \(ShellCommand("chown root", place))"
      )
    case .writableByOthers(let permissions):
      (
        "\(quoted) is writable by others (mode \(octal(permissions)))",
        Hint(ShellCommand("chmod go-w", place))
      )
    }
  }

  /// The origin of a setting, or `nil` for a built-in default.
  static func words(for origin: ConfigurationError.Origin) -> String? {
    switch origin {
    case .builtIn: nil
    case .file(_, line: 0): nil
    case .file(let path, let line): "\(TerminalText.escape(path)) line \(line)"
    case .environment(let variable): variable
    case .credential(let path): TerminalText.escape(path)
    case .option(let option): option
    }
  }

  static func words(for weakness: KeyRing.Weakness) -> String {
    switch weakness {
    case .short(let bytes): "has \(bytes) bytes; the minimum is \(KeyRing.minimumByteCount)"
    case .sample: "is the sample value from the tutorial, which is public"
    case .equalsSalt(let setting): "is also the salt that \(setting) gives"
    }
  }

  /// What makes a key with a weakness acceptable. A strong key beside it does not: the weak one
  /// would still verify.
  private static func hint(for weakness: KeyRing.Weakness) -> Hint {
    switch weakness {
    case .short, .sample:
      """
      replace it here and in the application, for example by the output of 'openssl rand -base64 32', \
      or set allow_weak_secret = yes in regctl.conf
      """
    case .equalsSalt:
      """
      if the application uses its key as the salt, set allow_weak_secret = yes in regctl.conf; \
      otherwise set another salt
      """
    }
  }

  private static func words(
    for fault: ConfigurationError.ValueFault
  ) -> (words: String, hint: Hint?) {
    switch fault {
    case .choice(let choices): ("must be one of \(choices.joined(separator: ", "))", nil)
    case .boolean: ("must be yes or no", nil)
    case .range(let range):
      ("must be a number from \(range.lowerBound) to \(range.upperBound)", nil)
    case .duration(let fault):
      {
        (words: $0.words, hint: $0.suggestion.map { "did you mean \(quoting: $0)?" })
      }(words(for: fault))
    case .neverNotAllowed: ("never is not allowed here", nil)
    case .percentage: ("a percentage has a percent sign, such as 5%", nil)
    case .shorterThanLinks(let age):
      ("links last \(TextRenderer.words(age))", nil)
    case .empty: ("must not be empty", nil)
    case .controlByte: ("contains a control character", nil)
    case .url: ("must begin with https:// or http://", nil)
    case .linkWithoutToken:
      ("must contain {token} exactly once", "for example https://app.example/confirm/{token}")
    case .address(let fault): (words(for: fault), nil)
    case .displayName: ("the name contains <, > or a quote", nil)
    case .language: ("is not a language tag", "for example de or pt-BR")
    case .mailbox: ("must be an address or 'Name <address>'", nil)
    case .foreignDatabase(let scheme):
      (
        "\(TerminalText.escape(scheme)) databases are not supported",
        "name the file of a database, for example /srv/app/app.db"
      )
    case .databaseWithoutFile:
      (
        "the URL names no file",
        "name the file of the database, for example /srv/app/app.db"
      )
    case .databasePassword:
      (
        "the address contains a password",
        "write it to a file that only its owner can read, and name that in db_password_file"
      )
    case .databaseParameter(let keyword):
      (
        "the address has \(keyword.map { "the parameter \($0)" } ?? "a parameter"), which is not allowed",
        DatabaseAdvice.addressManual
      )
    case .notAServer:
      ("is not the address of a server", DatabaseAdvice.addressManual)
    case .serviceName:
      ("the address is not the name of a service", "for example service=app")
    case .columns(let fault): words(for: fault)
    case .zone(.unknown(let suggestion)):
      (
        "no such time zone",
        suggestion.map { "did you mean \(quoting: $0)?" }
          ?? "use a name such as Europe/Berlin"
      )
    case .zone(.noZones(let directory)):
      (
        "no time zones found in \(TerminalText.quote(directory))",
        "install the package tzdata, or remove the setting"
      )
    }
  }

  /// Why a line of the file of `mail_headers` is not a header field.
  private static func words(for fault: MailHeader.Fault) -> (words: String, hint: Hint?) {
    switch fault {
    case .noColon: ("no colon", "write a header a line: Feedback-ID: accounts")
    case .name: ("the name of a header has printable ASCII characters only", nil)
    case .reserved(let name):
      (
        "\(TerminalText.quote(name)) cannot be set here",
        "remove the line; regctl writes such headers itself"
      )
    case .empty: ("the header has no text", nil)
    case .notASCII: ("a header has printable ASCII characters only", nil)
    case .longWord: ("a word of the header is too long for a line of 76 bytes", nil)
    }
  }

  private static func words(for fault: UsersMapping.Fault) -> (words: String, hint: Hint?) {
    switch fault {
    case .malformed(let word):
      ("\(TerminalText.quote(word)) is not COLUMN=NAME", "for example password=password_hash")
    case .unknownColumn(let word, let suggestion):
      (
        "\(TerminalText.quote(word)) is not a column of the original table",
        suggestion.map { "did you mean \(quoting: $0)?" }
          ?? "the columns are \(quoting: UsersMapping.words)"
      )
    case .repeated(let word): ("\(word) is named twice", nil)
    case .required(let column): ("the table must have a column for \(column.rawValue)", nil)
    case .sameName(let first, let second):
      ("\(first.rawValue) and \(second.rawValue) have the same name", nil)
    case .languageIn(let column):
      ("the column of \(column.rawValue) cannot hold the language", nil)
    }
  }

  private static func octal(_ permissions: UInt32) -> String {
    let digits = String(permissions, radix: 8)
    return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
  }
}
