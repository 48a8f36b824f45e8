import Testing

@testable import RegctlCore

@Suite("BuiltInLanguage") struct BuiltInLanguageTests {
  @Test(arguments: [
    ("de", BuiltInLanguage.german), ("de-AT", .german), ("en-GB", .english), ("fr", .french),
    ("es-419", .spanish), ("it", nil), ("pt-BR", nil),
  ])
  func `a variety has the texts of its language`(_ tag: String, language: BuiltInLanguage?) throws {
    #expect(try BuiltInLanguage(MailLanguage(tag)) == language)
  }

  @Test(arguments: [
    (BuiltInLanguage.english, ["1 second", "90 minutes", "1 hour", "2 days"]),
    (.german, ["1 Sekunde", "90 Minuten", "1 Stunde", "2 Tage"]),
    (.french, ["1 seconde", "90 minutes", "1 heure", "2 jours"]),
    (.spanish, ["1 segundo", "90 minutos", "1 hora", "2 días"]),
  ])
  func `durations are exact`(_ language: BuiltInLanguage, words: [String]) {
    let durations = [1, 5400, 3600, 172_800].map { Duration.seconds($0) }
    #expect(durations.map(language.words(for:)) == words)
  }

  @Test(arguments: [
    (BuiltInLanguage.english, "1 March 2026", "23 November 2026"),
    (.german, "1. März 2026", "23. November 2026"),
    (.french, "1er mars 2026", "23 novembre 2026"),
    (.spanish, "1 de marzo de 2026", "23 de noviembre de 2026"),
  ])
  func `dates are as in a sentence`(_ language: BuiltInLanguage, first: String, later: String) {
    let moments = [Instant(seconds: 1_772_359_200), Instant(seconds: 1_795_424_400)]
    #expect(moments.map(language.words(forDateOf:)) == [first, later])
  }
}
