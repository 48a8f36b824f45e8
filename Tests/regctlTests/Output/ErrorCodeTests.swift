import Testing

@testable import regctl

@Suite("ErrorCode") struct ErrorCodeTests {
  /// The codes in the manual; a new one must be added there.
  private static let promised: Set = [
    "usage", "unknown_command", "unknown_option", "missing_value", "invalid_value", "needs_input",
    "invalid_email", "invalid_password", "password_mismatch", "db_missing", "db_exists", "db_busy",
    "db_corrupt", "db_readonly", "db_full", "not_a_database", "schema_too_new", "schema_missing",
    "not_found", "already_registered", "already_registered_unconfirmed", "last_admin",
    "token_invalid", "token_purpose", "token_expired", "token_revoked", "token_predates_account",
    "token_in_future", "resend_too_soon", "resend_limit", "not_confirmed", "wrong_password",
    "locked", "bounced", "prune_cap", "declined", "partial", "mail_not_configured",
    "mail_unavailable", "flood_held", "deliver_running", "mail_deferred", "template_error",
    "config_error", "weak_secret",
    "permission_denied", "io_error", "internal", "db_unavailable", "commit_unknown",
    "domain_denied",
  ]

  @Test(arguments: ErrorCode.allCases)
  func `a code is one of those promised`(_ code: ErrorCode) {
    #expect(Self.promised.contains(code.rawValue))
  }

  @Test(arguments: ErrorCode.allCases)
  func `a code is in snake case`(_ code: ErrorCode) {
    #expect(code.rawValue.wholeMatch(of: /[a-z]+(_[a-z]+)*/) != nil)
  }
}
