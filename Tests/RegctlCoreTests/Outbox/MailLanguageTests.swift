import Testing

@testable import RegctlCore

@Suite("MailLanguage") struct MailLanguageTests {
  @Test(arguments: [
    ("de", "de"), ("DE", "de"), ("pt-br", "pt-BR"), ("PT-BR", "pt-BR"), ("gsw", "gsw"),
    ("zh-hant-tw", "zh-Hant-TW"), ("es-419", "es-419"), ("de-CH-1996", "de-CH-1996"),
    ("de-x-FORMAL", "de-x-formal"),
  ])
  func `a tag has its usual case`(_ text: String, tag: String) throws {
    #expect(try MailLanguage(text).tag == tag)
  }

  @Test(arguments: [
    "", "d", "german", "de_DE", "de-", "-de", "de--DE", "de DE", "d\u{e9}", "12", "de.UTF-8",
    "de-123456789", "../de", "de-aaaaaaaa-bbbbbbbb-cccccccc-dddddd",
  ])
  func `what is no tag is rejected`(_ text: String) {
    #expect(throws: MailLanguage.Fault()) { try MailLanguage(text) }
  }

  @Test(arguments: [
    ("de", "de"), ("pt-BR", "pt-BR"), ("pt_BR", "pt-BR"), ("zh_Hant_TW", "zh-Hant-TW"),
    ("pt_BR.UTF-8", nil), ("sr@latin", nil), ("", nil), ("_de", nil), ("german", nil),
  ])
  func `a locale may have underscores`(_ text: String, tag: String?) {
    #expect(MailLanguage(locale: text)?.tag == tag)
  }

  @Test(arguments: [
    ("de", ["de"]), ("pt-BR", ["pt-BR", "pt"]), ("zh-Hant-TW", ["zh-Hant-TW", "zh-Hant", "zh"]),
    ("de-x-formal", ["de-x-formal", "de"]),
  ])
  func `a variety leads to its language`(_ text: String, chain: [String]) throws {
    #expect(try MailLanguage(text).chain.map(\.tag) == chain)
  }
}
