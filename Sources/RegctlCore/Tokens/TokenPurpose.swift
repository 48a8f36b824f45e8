/// What a token is for; each purpose has a salt of its own, so that none serves for another.
package enum TokenPurpose: String, CaseIterable, Sendable {
  case confirm
  case reset
  case changeEmail = "change-email"
}
