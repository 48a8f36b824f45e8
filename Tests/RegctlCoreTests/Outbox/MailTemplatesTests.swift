import Glibc
import TestSupport
import Testing

@testable import RegctlCore

@Suite("MailTemplates") struct MailTemplatesTests {
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  /// The first words of both parts, in a language.
  private func parts(
    _ files: [String], in language: String?, _ settings: [String: String] = [:]
  ) throws -> [String] {
    for file in files { try directory.write(file, "\(file) {{ confirm_url }}\n") }
    let configuration = try ConfigurationLoader.load(
      ["templates_dir": directory.path].merging(settings) { $1 })
    let pair = try MailTemplates(configuration, uid: geteuid())
      .pair(.confirm, in: language.map { try MailLanguage($0) })
    return [pair.text, pair.html].map { template in
      let body = template.body(filling: [:])
      if body.hasPrefix("confirm") { return String(body.prefix { $0 != " " }) }
      return ["Hello": "en", "Guten": "de", "Bonjour": "fr", "Hola": "es"]
        .first { body.contains($0.key) }?.value ?? "?"
    }
  }

  @Test(arguments: [
    (nil, ["en", "en"]), ("de", ["de", "de"]), ("de-AT", ["de", "de"]), ("it", ["en", "en"]),
  ])
  func `without files the language is built in, or English`(_ tag: String?, expected: [String])
    throws
  {
    #expect(try parts([], in: tag) == expected)
  }

  @Test func `the default language is that of accounts without one`() throws {
    #expect(try parts([], in: nil, ["mail_language": "fr-CA"]) == ["fr", "fr"])
    #expect(try parts([], in: "de", ["mail_language": "fr"]) == ["de", "de"])
    #expect(try parts([], in: "it", ["mail_language": "fr"]) == ["fr", "fr"])
  }

  @Test(arguments: [
    ("pt-BR", ["confirm.pt-BR.txt", "confirm.pt-BR.html"]),
    ("pt", ["confirm.pt.txt", "confirm.pt.html"]),
    ("pt-PT", ["confirm.pt.txt", "confirm.pt.html"]),
    ("it", ["confirm.txt", "confirm.html"]), (nil, ["confirm.txt", "confirm.html"]),
  ])
  func `the nearest file counts`(_ tag: String?, expected: [String]) throws {
    let names = ["confirm", "confirm.pt", "confirm.pt-BR"]
    #expect(try parts(names.flatMap { ["\($0).txt", "\($0).html"] }, in: tag) == expected)
  }

  @Test func `a file without a language replaces all that is built in`() throws {
    let files = ["confirm.txt", "confirm.html"]
    #expect(try parts(files, in: "de") == files)
  }

  @Test(arguments: [
    ("de", ["confirm.de.txt", "de"]), ("it", ["confirm.it.txt", "confirm.html"]),
    (nil, ["en", "confirm.html"]),
  ])
  func `a part without a file is in the same language if possible`(
    _ tag: String?, expected: [String]
  ) throws {
    let files = ["confirm.de.txt", "confirm.it.txt", "confirm.html"]
    #expect(try parts(files, in: tag) == expected)
  }

  @Test func `a tag in a file name may have any case`() throws {
    #expect(try parts(["confirm.PT-br.txt"], in: "pt-BR").first == "confirm.PT-br.txt")
  }

  @Test(arguments: [
    "confirm.backup.txt", "confirm.de.txt~", "confirmed.txt", "confirm", "confirm.de.at.txt",
    "confirm..txt",
  ])
  func `a file with another name is no template`(_ name: String) throws {
    #expect(try parts([name], in: nil) == ["en", "en"])
  }

  @Test func `a template of any language must be valid`() throws {
    try directory.write("reset.nl.html", "{{ confirm_url }}")
    let configuration = try ConfigurationLoader.load(["templates_dir": directory.path])
    let error = try refusal { _ = try MailTemplates(configuration, uid: geteuid()) }
    guard case .template(let fault) = error else { throw error }
    #expect(fault.name == "\(directory.path)/reset.nl.html")
  }
}
