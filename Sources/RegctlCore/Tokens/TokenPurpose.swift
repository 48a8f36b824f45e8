/// The purpose of a token. Each has its own salt, so that no token is valid for another purpose.
package enum TokenPurpose: String, CaseIterable, Sendable {
  case confirm
  case reset
  case changeEmail = "change-email"
}
