internal import Base
internal import RegctlCore

extension SenderFinding {
  /// The description of the finding.
  var message: String {
    switch self {
    case .spfMissing(let domain): "\(TerminalText.escape(domain)) has no SPF record"
    case .spfRepeated(let domain, let count):
      "\(TerminalText.escape(domain)) has \(count) SPF records, which receivers take for an error"
    case .spfOpen(let domain):
      "the SPF record of \(TerminalText.escape(domain)) ends in +all: every host may send its mail"
    case .dmarcMissing(_, let searched):
      "no DMARC record at \(searched.map(TerminalText.escape).joined(separator: ", "))"
    case .dmarcRepeated(let domain, let count):
      "\(TerminalText.escape(domain)) has \(count) DMARC records, which receivers take for none"
    case .notLookedUp(let name, let reason):
      "TXT of \(TerminalText.escape(name)) could not be looked up: \(reason)"
    }
  }

  /// The hint for correcting it.
  var advice: Hint {
    switch self {
    case .spfMissing:
      """
      publish a TXT record with the hosts that send, which your mail provider names: \
      \(quoting: "v=spf1 include:... -all")
      """
    case .spfRepeated: "join them to one TXT record that begins with v=spf1"
    case .spfOpen: "end it with -all or ~all behind the hosts that send"
    case .dmarcMissing(let domain, _):
      """
      publish a TXT record at \(quoting: "_dmarc.\(domain)"), to begin with: \
      \(quoting: "v=DMARC1; p=none")
      """
    case .dmarcRepeated: "keep one of them"
    case .notLookedUp(let name, _): Hint(ShellCommand("dig +short TXT", name))
    }
  }
}
