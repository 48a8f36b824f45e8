/// The kind of link that a mail for a new password carries.
package enum ResetLink: String, CaseIterable, Sendable {
  /// regctl's own: a token that is bound to the password it replaces.
  case bound

  /// The application's: a confirmation token, valid while the application's column
  /// `password_reset_token` holds a value.
  case application
}
