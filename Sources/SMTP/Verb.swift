/// A step of the session, with its display name.
package enum Verb: String, Equatable, Sendable {
  case greeting
  case hello = "EHLO"
  case startTLS = "STARTTLS"
  case auth = "AUTH"
  case mail = "MAIL"
  case recipient = "RCPT"
  case data = "DATA"
  case content = "end of mail"
  case reset = "RSET"
  case quit = "QUIT"
}
