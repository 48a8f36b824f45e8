internal import RegctlCore

/// A page with the plots of all reports, which needs no other file and names no account.
struct ReportPage {
  private let figures: ReportFigures

  /// The name of the service, if it has one.
  private let service: String?

  init(_ figures: ReportFigures, service: String?) {
    self.figures = figures
    self.service = service
  }

  /// Appends the page as HTML.
  func append(to output: inout [UInt8]) {
    output += "<!DOCTYPE html>".utf8
    Markup("html", ["lang": "en"], [head, body]).append(to: &output)
    output.append(UInt8(ascii: "\n"))
  }

  private var title: String { service.map { "Accounts of \($0)" } ?? "Accounts" }

  private var head: Markup {
    Markup(
      "head", [:],
      [
        Markup("meta", ["charset": "utf-8"]),
        // The browser requests nothing and runs nothing, whatever the page contains.
        Markup(
          "meta",
          [
            "http-equiv": "Content-Security-Policy",
            "content": "default-src 'none'; style-src 'unsafe-inline'; img-src data:",
          ]),
        Markup("meta", ["name": "viewport", "content": "width=device-width, initial-scale=1"]),
        Markup("meta", ["name": "color-scheme", "content": "light dark"]),
        Markup("meta", ["name": "robots", "content": "noindex"]),
        // Else a browser asks the server of the page for an icon.
        Markup("link", ["rel": "icon", "href": "data:,"]),
        Markup("title", [:], title),
        Markup(styleSheet: Self.styleSheet),
      ])
  }

  private var body: Markup {
    let sections: [PageSection] = [
      .cohorts(figures.cohorts, by: figures.length), .funnel(figures.domains),
      .mails(figures.mails, by: figures.length), .prunes(figures.prunes, by: figures.length),
    ]
    return Markup(
      "body", [:],
      [
        Markup("header", [:], [Markup("h1", [:], title), Markup("p", [:], subtitle)]),
        Markup(
          "main", [:],
          [PageSection.status(figures.status, now: figures.now)] + sections.map(\.markup)),
        Markup(
          "footer", [:],
          [Markup("p", [:], "Made by regctl. This page contains no addresses of accounts.")]),
      ])
  }

  private var subtitle: String {
    let interval = figures.interval
    let limits = [
      interval.since.map { " since \($0.displayText)" },
      interval.before.map { " before \($0.displayText)" },
    ].compactMap { $0 }.joined()
    let plots = ". The plots show what was registered, queued and pruned"
    return "As of \(figures.now.displayText)\(limits.isEmpty ? "" : plots + limits)."
  }
}
