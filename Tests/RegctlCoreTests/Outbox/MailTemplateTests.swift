import Testing

@testable import RegctlCore

@Suite("MailTemplate") struct MailTemplateTests {
  private static let known = MailKind.confirm.placeholders

  private static let values: [MailTemplate.Placeholder: String] = [
    .confirmURL: "https://x/?a=1&b='\"<>", .email: "o'hara@x.org", .serviceName: "A & B",
    .supportAddress: "help@x.org", .expiresIn: "1 hour",
  ]

  private func template(
    _ text: String, escaping: MailTemplate.Escaping = .none
  ) throws -> MailTemplate {
    try MailTemplate(text, name: "confirm.txt", escaping: escaping)
  }

  @Test(arguments: [
    ("{{ confirm_url }}", "https://x/?a=1&b='\"<>"), ("{{confirm_url}}", "https://x/?a=1&b='\"<>"),
    ("{{\tconfirm_url  }}", "https://x/?a=1&b='\"<>"),
    ("a {{ email }} b {{confirm_url}} c", "a o'hara@x.org b https://x/?a=1&b='\"<> c"),
    ("{ {{ confirm_url }} }", "{ https://x/?a=1&b='\"<> }"),
    ("{}{{ confirm_url }}}", "{}https://x/?a=1&b='\"<>}"),
    ("{{ confirm_url }}\r\nx\r\n", "https://x/?a=1&b='\"<>\nx\n"),
    ("é{{ confirm_url }}", "éhttps://x/?a=1&b='\"<>"),
  ])
  func `placeholders are replaced`(_ text: String, body: String) throws {
    #expect(try template(text).body(filling: Self.values) == body)
  }

  @Test func `in HTML values are escaped and the template is not`() throws {
    let template = try template("<b>{{ service_name }}</b> {{ confirm_url }}", escaping: .html)
    #expect(
      template.body(filling: Self.values)
        == "<b>A &amp; B</b> https://x/?a=1&amp;b=&#39;&#34;&lt;&gt;")
  }

  @Test func `paragraphs are wrapped, and a long word is on a line of its own`() throws {
    let long = String(repeating: "x", count: 100)
    let template = try MailTemplate(
      "{{ confirm_url }} \(String(repeating: "Straße ", count: 20))end\n\n  two\n",
      name: "x", escaping: .none, isWrapped: true)
    let street = Array(repeating: "Straße", count: 10).joined(separator: " ")
    #expect(
      template.body(filling: [.confirmURL: long])
        == "\(long)\n\(street)\n\(street)\nend\n\n  two\n")
  }

  @Test func `values are not expanded again`() throws {
    let values: [MailTemplate.Placeholder: String] = [
      .confirmURL: "{{ email }}", .email: "x",
    ]
    #expect(try template("{{ confirm_url }}").body(filling: values) == "{{ email }}")
  }

  @Test(arguments: [
    ("Subject: Hello {{ service_name }}\n\n{{ confirm_url }}", "Hello A & B"),
    ("Subject: Hello\r\n\r\n{{ confirm_url }}", "Hello"),
    ("Subject: Hello\n{{ confirm_url }}", "Hello"),
  ])
  func `the subject is in the first line`(_ text: String, subject: String) throws {
    let template = try template(text, escaping: .html)
    #expect(template.subject(filling: Self.values) == subject)
    #expect(template.body(filling: [.confirmURL: "L"]) == "L")
  }

  @Test func `a subject further down is text`() throws {
    let template = try template("\nSubject: x\n{{ confirm_url }}")
    #expect(template.subject(filling: Self.values) == nil)
    #expect(template.body(filling: [.confirmURL: "L"]) == "\nSubject: x\nL")
  }

  @Test(
    arguments: [
      (
        "{{ confirm_url }} {{ confirm_uri }}",
        TemplateError.Fault.unknown("confirm_uri", known: known), 1
      ),
      ("{{ confirm_url }}\n{{ }}", .unknown("", known: known), 2),
      ("{{ confirm_url }}\n\n{{ email", .unclosed, 3),
      ("{{ confirm_url }}\n{{ email\n}}", .unclosed, 2), ("{% if x %}{{ confirm_url }}", .logic, 1),
      ("{{ confirm_url }}\n{# comment #}", .logic, 2),
      ("Subject: x\n\n{{ emial }}", .unknown("emial", known: known), 3),
      ("Subject: {{ x }}\n\n", .unknown("x", known: known), 1),
      ("{{ confirm_url|safe }}", .unknown("confirm_url|safe", known: known), 1),
    ] as [(String, TemplateError.Fault, Int)])
  func `an invalid template is rejected with the position`(
    _ text: String, fault: TemplateError.Fault, line: Int
  ) {
    #expect(throws: TemplateError(name: "confirm.txt", line: line, fault: fault)) {
      try template(text)
    }
  }

  @Test(arguments: ["", "no link", "Subject: {{ confirm_url }}\n\nno link"])
  func `a template without the link is refused`(_ text: String) {
    #expect(
      throws: TemplateError(name: "confirm.txt", line: nil, fault: .missing(.confirmURL))
    ) { try template(text) }
  }

  @Test func `a subject has no control characters`() {
    #expect(throws: TemplateError.self) { try template("Subject: a\tb\n\n{{ confirm_url }}") }
  }
}
