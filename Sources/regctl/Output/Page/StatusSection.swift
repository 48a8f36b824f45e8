internal import RegctlCore

extension PageSection {
  /// What `status` says.
  static func status(_ status: ServiceStatus, now: Instant) -> Markup {
    let facts = StatusFact.all(of: status, now: now).map { fact in
      Markup(
        "div", [:],
        [
          Markup("dt", [:], fact.label.prefix(1).uppercased() + fact.label.dropFirst()),
          Markup(
            "dd", [:],
            [Markup("strong", [:], fact.lead)]
              + (fact.details.isEmpty
                ? [] : [Markup("span", [:], fact.details.joined(separator: ", "))])),
        ])
    }
    return Markup(
      "section", ["class": "wide"],
      [Markup("h2", [:], "Now"), Markup("dl", [:], facts)] + attention(status.findings, now: now))
  }

  private static func attention(_ findings: [StatusFinding], now: Instant) -> [Markup] {
    if findings.isEmpty { return [Markup("p", [:], "Nothing needs attention.")] }
    let items = findings.map { finding in
      Markup("li", [:], [.text("\(finding.message(now: now)): "), code(finding.command)])
    }
    return [
      Markup("h3", [:], "Needs attention"), Markup("ul", ["class": "attention"], items),
    ]
  }

  /// A command that is not broken within a word.
  private static func code(_ command: ShellCommand) -> Markup {
    let words = command.text.split(separator: " ").map { Markup("span", [:], String($0)) }
    return Markup("code", [:], words.prefix(1) + words.dropFirst().flatMap { [" ", $0] })
  }
}
