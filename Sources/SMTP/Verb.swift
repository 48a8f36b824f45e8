/// A step of the conversation, named for people.
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
