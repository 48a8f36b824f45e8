internal import Base
internal import RegctlCore

/// An account that will hardly be confirmed without help, and the command to use next.
struct StuckRow: ResultRow {
  static let columns = [
    Column("id", isUsual: false), .email, Column("problem", rank: 0), Column("at", rank: 2),
    Column("detail", least: 8), Column("command", rank: 0, least: 8),
  ]

  let stuck: StuckAccount

  init(_ stuck: StuckAccount) { self.stuck = stuck }

  var cells: [ReportValue] {
    let account = stuck.account
    return [
      .integer(account.id.rawValue), .text(account.email), .text(code),
      ReportValue(triedAt ?? account.lastMailAt), ReportValue(detail), .text(command.text),
    ]
  }

  private var code: String {
    switch stuck.problem {
    case .mistyped: "mistyped"
    case .refused: "refused"
    case .expired: "expired"
    case .linkExpired: "link_expired"
    case .bounced: "bounced"
    case .resent: "resent"
    }
  }

  private var triedAt: Instant? {
    if case .linkExpired(let triedAt) = stuck.problem { triedAt } else { nil }
  }

  private var detail: String? {
    switch stuck.problem {
    case .mistyped(let likely): likely
    case .refused(_, let reply, _), .expired(let reply), .bounced(let reply, _): reply
    case .linkExpired: "the link was tried after it had expired"
    case .resent(let mails): "\(mails) mails, no link was used"
    }
  }

  private var command: ShellCommand {
    let email = stuck.account.email
    return switch stuck.problem {
    case .mistyped(let likely): ShellCommand("regctl change-email", email, likely)
    case .refused(let mail, _, .sender): ShellCommand("regctl retry-mail", "\(mail.rawValue)")
    case .bounced(_, .address): ShellCommand("regctl change-email", email, "NEW")
    case .refused(_, _, .mailbox), .expired, .linkExpired, .bounced(_, .mailbox):
      ShellCommand("regctl resend", email)
    case .refused, .bounced: ShellCommand("regctl show", email)
    case .resent:
      ShellCommand("regctl confirm", options: ["--email": email, "--reason": "TEXT"])
    }
  }
}
