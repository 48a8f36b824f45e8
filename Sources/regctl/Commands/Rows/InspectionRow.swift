internal import RegctlCore

/// The properties of one token.
struct InspectionRow: ResultRow {
  static let columns: [Column] = [
    Column("verdict", rank: 0), Column("purpose", rank: 2), .email, Column("issued_at", rank: 3),
    Column("expires_at"), Column("key", rank: 4),
    Column("account", isUsual: false, rank: 5, least: 12), Column("repaired", rank: 5, least: 8),
    Column("resets_password", isUsual: false, rank: 6),
  ]

  private let reading: TokenAuthority.Reading?
  private let account: Account?
  private let isAlreadyConfirmed: Bool

  /// Whether 'reset-password --token' would accept it.
  private let resetsPassword: Bool
  private let now: Instant

  /// Why the token would be rejected.
  let error: Diagnostic?

  /// Parses a token and verifies it against the store.
  init(
    _ text: TokenText, authority: TokenAuthority, store: Store, now: Instant
  ) throws(RegctlError) {
    self.now = now
    func diagnostic(_ error: RegctlError) -> Diagnostic {
      Diagnostic(error, now: now, isVerbose: false)
    }
    let reading: TokenAuthority.Reading
    do throws(TokenError) {
      reading = try authority.read(text, at: now)
    } catch {
      (self.reading, account, isAlreadyConfirmed, resetsPassword) = (nil, nil, false, false)
      self.error = diagnostic(.token(error))
      return
    }
    self.reading = reading
    resetsPassword = try authority.resetsPassword(reading, in: store, at: now)
    switch try authority.judge(reading, in: store, at: now) {
    case .confirms(let account), .changesEmail(let account, _):
      (self.account, isAlreadyConfirmed, error) = (account, false, nil)
    case .alreadyConfirmed(let account):
      (self.account, isAlreadyConfirmed, error) = (account, true, nil)
    case .refused(let refusal, let account):
      (self.account, isAlreadyConfirmed, error) = (account, false, diagnostic(refusal))
    }
  }

  private var verdict: String {
    error?.code.rawValue ?? (isAlreadyConfirmed ? "already_confirmed" : "valid")
  }

  var cells: [ReportValue] {
    [
      .text(verdict), ReportValue(reading?.purpose.rawValue), ReportValue(reading?.email),
      ReportValue(reading?.issued), ReportValue(reading?.expires),
      reading.map { ReportValue($0.keyPosition) } ?? .null,
      account.map { .object($0.fields) } ?? .null,
      .list(reading?.repairs.map { .text($0.rawValue) } ?? []),
      .boolean(resetsPassword),
    ]
  }

  /// The lines of the text format, one for each property.
  var lines: [String] {
    guard let reading else { return ["verdict   \(verdict)"] }
    let state =
      account.map { $0.isConfirmed ? "confirmed" : "not confirmed" } ?? "no such account"
    let repairs = reading.repairs.map(\.rawValue).joined(separator: ", ")
    return [
      "verdict   \(verdict)",
      "purpose   \(purpose(of: reading))",
      "address   \(TerminalText.escape(reading.email)) (\(state))",
      "issued    \(reading.issued.displayText) (\(distance(to: reading.issued)))",
      "expires   \(reading.expires.displayText) (\(distance(to: reading.expires)))",
      "key       \(reading.keyPosition)",
      "repaired  \(repairs.isEmpty ? "nothing" : repairs)",
    ]
  }

  /// The purpose of the token, and whether it replaces a password besides.
  private func purpose(of reading: TokenAuthority.Reading) -> String {
    reading.purpose == .confirm && resetsPassword
      ? "confirm; also resets the password" : reading.purpose.rawValue
  }

  private func distance(to moment: Instant) -> String {
    let distance = now - moment
    return distance < .zero
      ? "in \(TextRenderer.words(.zero - distance))" : "\(TextRenderer.words(distance)) ago"
  }
}
