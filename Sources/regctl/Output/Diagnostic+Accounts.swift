internal import Base
internal import RegctlCore

extension Diagnostic {
  /// Creates the diagnostic for an invalid address.
  init(_ error: AddressError) {
    if case .library(let reason) = error.fault {
      self.init(
        .ioError, .unavailable, "cannot use libidn2: \(TerminalText.escape(reason))",
        hint: Self.hint(for: error.fault))
      return
    }
    self.init(
      .invalidEmail, .data,
      "\(TerminalText.quote(error.text)) is not a valid e-mail address: \(Self.words(for: error.fault))",
      hint: Self.hint(for: error.fault))
  }

  /// Creates the diagnostic for a line that is not an address.
  init(_ error: AddressError, path: String, line: Int) {
    self.init(
      .invalidEmail, .data,
      "\(TerminalText.escape(path)) line \(line): \(TerminalText.quote(error.text)) is not an "
        + "address: \(Self.words(for: error.fault))",
      hint: "give an address a line; nothing was done")
  }

  /// The number of a character, as the Unicode standard writes it.
  private static func number(of scalar: Unicode.Scalar) -> String {
    let digits = String(scalar.value, radix: 16, uppercase: true)
    return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
  }

  /// The hint for an invalid address.
  static func hint(for fault: AddressError.Fault) -> Hint? {
    switch fault {
    case .notASCII:
      "set \(quoting: "allow_smtputf8 = yes") in regctl.conf if the mail server offers SMTPUTF8"
    case .underscore: "set \(quoting: "allow_underscore_domains = yes") in regctl.conf"
    case .library: "install libidn2; on Debian: apt-get install libidn2-0"
    case .notNormal(let local?): "write the part before @ as \(quoting: local)"
    case .blank, .severalAt: "give one address, such as ann@example.org"
    default: nil
    }
  }

  static func words(for fault: AddressError.Fault) -> String {
    switch fault {
    case .empty: "it is empty"
    case .tooLong: "longer than 254 bytes"
    case .controlByte: "it contains a control character"
    case .notASCII:
      "the part before @ contains non-ASCII characters, which mail servers may refuse"
    case .invisible(let scalar):
      "the part before @ contains the invisible character U+\(Self.number(of: scalar))"
    case .notNormal: "the part before @ is not in Unicode normal form C"
    case .blank: "it contains a space"
    case .missingAt: "no @"
    case .severalAt: "more than one @"
    case .localPartLength: "the part before @ must have 1 to 64 bytes"
    case .localPart:
      "the part before @ may contain letters, digits, !#$%&'*+-/=?^_`{|}~ and single dots between them"
    case .encodedWord: "the part before @ looks like an encoded word"
    case .domain: "the part after @ is not a domain name"
    case .underscore: "the part after @ has an underscore, which no host name has"
    case .international(let reason):
      "the part after @ is not a domain name: \(TerminalText.escape(reason))"
    case .library(let reason): "cannot use libidn2: \(TerminalText.escape(reason))"
    }
  }

  /// Creates the diagnostic for a rejected password.
  init(_ error: PasswordError) {
    switch error {
    case .empty: self.init(.invalidPassword, .data, "the password is empty")
    case .containsNUL: self.init(.invalidPassword, .data, "the password contains a NUL byte")
    case .tooLong(let limit):
      let reason = limit == Password.maximumByteCount ? "" : ", the limit of bcrypt"
      self.init(
        .invalidPassword, .data, "the password is longer than \(limit) bytes\(reason)",
        hint: "choose a shorter password")
    case .tooShort(let minimum):
      self.init(
        .invalidPassword, .data,
        "the password is shorter than \(Plural.count(minimum, "character"))",
        hint: "choose a longer password, or use --generate-password")
    case .notUTF8: self.init(.invalidPassword, .data, "the password is not UTF-8")
    case .entriesDiffer:
      self.init(.passwordMismatch, .data, "the two passwords differ", hint: "try again")
    }
  }

  /// Which addresses may be meant, and how to see the first that is an account's.
  private static func hint(for similar: [SimilarAddress]) -> Hint {
    var words: Hint = "did you mean \(words(for: similar[0]))"
    for address in similar.dropFirst() { words = "\(words), \(Self.words(for: address))" }
    for address in similar {
      switch address.holder {
      case .account: return "\(words)? \(ShellCommand("regctl show", address.email))"
      case .former(let present): return "\(words)? \(ShellCommand("regctl show", present))"
      case .pruned(let run):
        let unprune = ShellCommand(
          "regctl unprune", "\(run)", options: ["--email": address.email])
        return "\(words)? \(unprune)"
      case .deleted: return "\(words)? \(ShellCommand("regctl show", address.email))"
      }
    }
    return "\(words)?"
  }

  private static func words(for similar: SimilarAddress) -> Hint {
    switch similar.holder {
    case .account: "\(quoting: similar.email)"
    case .pruned(let run): "\(quoting: similar.email) (pruned in run \(run))"
    case .former(let present): "\(quoting: similar.email) (now \(quoting: present))"
    case .deleted: "\(quoting: similar.email) (deleted)"
    }
  }

  /// Creates the diagnostic for an operation that the state of an account does not allow.
  init(_ error: AccountError, now: Instant) {
    switch error {
    case .notFound(let email):
      self.init(.notFound, .noUser, "no such account: \(TerminalText.quote(email))")
    case .notFoundButSimilar(let email, let similar):
      self.init(
        .notFound, .noUser, "no such account: \(TerminalText.quote(email))",
        hint: Self.hint(for: similar))
    case .pruned(let email, let run):
      self.init(
        .notFound, .noUser, "\(TerminalText.escape(email)) was pruned in run \(run)",
        hint: Hint(ShellCommand("regctl unprune", "\(run)", options: ["--email": email])))
    case .deleted(let deletion):
      let reason = deletion.reason.map { ": \(TerminalText.escape($0))" } ?? ""
      self.init(
        .notFound, .noUser,
        "\(TerminalText.escape(deletion.email)) was deleted on \(deletion.at.displayText) by "
          + TerminalText.escape(deletion.actor) + reason
          + (deletion.isArchived ? "" : ", and purged after archive_keep"),
        hint: Hint(
          ShellCommand(
            deletion.isArchived ? "regctl undelete" : "regctl register", deletion.email)))
    case .notDeleted(let email):
      self.init(
        .alreadyRegistered, .refused, "\(TerminalText.escape(email)) was not deleted",
        hint: Hint(ShellCommand("regctl show", email)))
    case .addressTaken(let email, let deleted):
      self.init(
        .alreadyRegistered, .refused,
        "\(TerminalText.escape(email)) was registered again since the account was deleted",
        hint: """
          change the address of the new account or delete it, then: \
          \(ShellCommand("regctl undelete", "\(deleted.rawValue)"))
          """)
    case .numberTaken(let number, let holder, let email):
      self.init(
        .alreadyRegistered, .refused,
        "number \(number.rawValue) belongs to \(TerminalText.escape(holder)) now",
        hint: """
          to give the account another number: \
          \(ShellCommand("regctl undelete --new-id", email))
          """)
    case .ambiguous(let email, let count):
      self.init(
        .notFound, .noUser,
        "\(count) accounts differ from \(TerminalText.quote(email)) only in "
          + (AddressSpellings.areSeveral(for: email) ? "spelling" : "case"),
        hint: "give the address exactly as it is stored")
    case .alreadyRegistered(let email, let isConfirmed):
      let escaped = TerminalText.escape(email)
      if isConfirmed {
        self.init(.alreadyRegistered, .refused, "\(escaped) is already registered")
      } else {
        self.init(
          .alreadyRegisteredUnconfirmed, .refused,
          "\(escaped) is already registered and not confirmed",
          hint: Hint(ShellCommand("regctl resend", email)))
      }
    case .notConfirmed(let email):
      self.init(
        .notConfirmed, .refused, "\(TerminalText.escape(email)) is not confirmed",
        hint: Hint(ShellCommand("regctl resend", email)))
    case .wrongPassword:
      self.init(.wrongPassword, .refused, "no account with this address and password")
    case .locked(let email, let lock):
      let subject =
        lock.domain.map { "the domain \($0) of \(TerminalText.escape(email))" }
        ?? TerminalText.escape(email)
      self.init(
        .locked, .refused,
        "\(subject) is locked since \(lock.at.displayText) by \(TerminalText.escape(lock.actor)): "
          + TerminalText.escape(lock.reason),
        hint: Hint(ShellCommand("regctl unlock", lock.domain.map { "@\($0)" } ?? email)))
    case .domainDenied(let email, let line):
      self.init(
        .domainDenied, .refused, Self.words(for: line, denying: email), hint: Self.hint(for: line))
    case .lastAdministrator(let email):
      self.init(
        .lastAdmin, .refused, "\(TerminalText.escape(email)) is the last administrator",
        hint: "make another one with regctl grant-admin, or use --force")
    case .reasonNamesPerson:
      self.init(
        .invalidValue, .usage, "the reason contains an address that is to be erased",
        hint: "give a reason that the audit may keep, such as the number of a ticket")
    case .noEmailChange(let email):
      self.init(
        .notFound, .refused,
        "no pending change of address for \(TerminalText.escape(email))",
        hint: Hint(ShellCommand("regctl change-email", email, "NEW")))
    case .resendTooSoon(let email, let next):
      self.init(
        .resendTooSoon, .refused,
        "too soon to mail \(TerminalText.escape(email)) again: wait another "
          + TextRenderer.words(next - now),
        hint: "wait, or use --force")
    case .bounced(let email, let bounce):
      let words = (bounce.reply ?? bounce.status).map { ": \(TerminalText.quote($0))" } ?? ""
      self.init(
        .bounced, .refused,
        "mail to \(TerminalText.escape(email)) was not delivered on \(bounce.at.displayText)"
          + words,
        hint: Hint(ShellCommand("regctl change-email", email, "NEW")))
    case .resendLimit(let email, let perDay):
      self.init(
        .resendLimit, .refused,
        "the daily limit of \(perDay) mails to \(TerminalText.escape(email)) is reached",
        hint: "wait, or use --force")
    }
  }

  /// Which line of `deny_domains_file` denies an address.
  static func words(for line: DeniedDomain, denying email: String) -> String {
    "\(TerminalText.escape(email)) is not accepted: the domain \(TerminalText.escape(line.name)) is denied"
  }

  /// How to allow the domain that a line of `deny_domains_file` denies.
  static func hint(for line: DeniedDomain) -> Hint {
    "to accept the domain, remove line \(line.line) of \(quoting: line.path)"
  }

  /// Creates the diagnostic for an invalid token.
  init(_ error: TokenError, now: Instant) {
    switch error {
    case .invalid(let fault):
      self.init(
        .tokenInvalid, .data, Self.words(for: fault),
        hint: "paste the whole link, or send a new one")
    case .purpose(let actual, let expected):
      self.init(
        .tokenPurpose, .data,
        "wrong kind of token: it is for \(Self.words(for: actual)), not for \(Self.words(for: expected))"
      )
    case .expired(let email, _, let expired, let purpose):
      self.init(
        .tokenExpired, .refused,
        "the token expired \(TextRenderer.words(now - expired)) ago (\(expired.displayText))",
        hint: Self.renewal(of: purpose, for: email))
    case .revoked(let email, let purpose):
      self.init(
        .tokenRevoked, .refused, "the token was revoked",
        hint: Self.renewal(of: purpose, for: email))
    case .used(let email):
      self.init(
        .tokenRevoked, .refused, "the password was replaced since the token was issued",
        hint: Self.renewal(of: .reset, for: email))
    case .noResetPending(let email):
      self.init(
        .tokenRevoked, .refused, "no reset of the password is pending",
        hint: Self.renewal(of: .reset, for: email))
    case .predatesAccount(let email):
      self.init(
        .tokenPredatesAccount, .refused,
        "the token was issued before the account was registered",
        hint: Hint(ShellCommand("regctl resend", email)))
    case .inFuture(let seconds):
      self.init(
        .tokenInFuture, .refused,
        "the token was issued \(seconds) s in the future: check the clock",
        hint: "compare 'date -u' on this machine with the one that issued the token")
    case .otherEpoch(let epoch):
      self.init(
        .configError, .configuration,
        "the token counts seconds from \(epoch == .unix ? "1970" : "2011"), not from token_epoch",
        hint: "set \(quoting: "token_epoch = \(epoch.rawValue)") in regctl.conf")
    }
  }

  private static func words(for fault: TokenError.Fault) -> String {
    switch fault {
    case .empty: "the token is empty"
    case .tooLong: "the token is longer than \(TokenSigner.maximumTokenByteCount) bytes"
    case .incomplete: "the token is incomplete: the signature is missing"
    case .signature: "the token is forged or damaged: no configured key matches its signature"
    case .payload: "the signature of the token is valid, but its payload is not an address"
    case .unbound: "the token is not bound to a password or a request"
    }
  }

  /// The hint for getting a new token.
  private static func renewal(of purpose: TokenPurpose, for email: String) -> Hint {
    switch purpose {
    case .confirm: Hint(ShellCommand("regctl resend", email))
    case .reset: Hint(ShellCommand("regctl reset-password", email))
    case .changeEmail: Hint(ShellCommand("regctl change-email", email, "NEW"))
    }
  }

  static func words(for purpose: TokenPurpose) -> String {
    switch purpose {
    case .confirm: "confirming an address"
    case .reset: "resetting a password"
    case .changeEmail: "changing an address"
    }
  }
}
