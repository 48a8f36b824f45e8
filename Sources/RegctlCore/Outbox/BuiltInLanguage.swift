internal import Base

/// A language of the built-in mail texts, with what all of them have in common.
enum BuiltInLanguage: String, CaseIterable {
  case english = "en"
  case german = "de"
  case french = "fr"
  case spanish = "es"

  /// The built-in language of a tag or of one that it is a variety of; `nil` when there is none.
  init?(_ language: MailLanguage) {
    guard let found = language.chain.lazy.compactMap({ Self(rawValue: $0.tag) }).first else {
      return nil
    }
    self = found
  }

  /// The texts of a kind of mail.
  func text(of kind: MailKind) -> BuiltInText {
    switch self {
    case .english: .english(kind)
    case .german: .german(kind)
    case .french: .french(kind)
    case .spanish: .spanish(kind)
    }
  }

  var greeting: String {
    switch self {
    case .english: "Hello,"
    case .german: "Guten Tag,"
    case .french: "Bonjour,"
    case .spanish: "Hola:"
    }
  }

  /// What precedes the link that can be copied: a sentence with a link in it.
  var copyLink: (before: String, link: String, after: String) {
    switch self {
    case .english:
      ("If the button does not work, open ", "this link", " or copy it into your browser:")
    case .german:
      (
        "Wenn die Schaltfläche nicht funktioniert, öffnen Sie ", "diesen Link",
        " oder kopieren Sie ihn in Ihren Browser:"
      )
    case .french:
      (
        "Si le bouton ne fonctionne pas, ouvrez ", "ce lien",
        " ou copiez-le dans votre navigateur\u{a0}:"
      )
    case .spanish:
      ("Si el botón no funciona, abra ", "este enlace", " o cópielo en su navegador:")
    }
  }

  var contact: String {
    switch self {
    case .english: "Questions? {{ support_address }}"
    case .german: "Fragen? {{ support_address }}"
    case .french: "Des questions\u{a0}? {{ support_address }}"
    case .spanish: "¿Tiene preguntas? {{ support_address }}"
    }
  }

  /// What follows the link where the application wants people to be logged in.
  var loginNote: String {
    switch self {
    case .english:
      "If you are asked to log in, use the password that you chose when you registered."
    case .german:
      """
      Wenn Sie aufgefordert werden, sich anzumelden, verwenden Sie das Passwort, das Sie bei der \
      Registrierung gewählt haben.
      """
    case .french:
      """
      Si l’on vous demande de vous connecter, utilisez le mot de passe choisi lors de votre \
      inscription.
      """
    case .spanish:
      "Si se le pide que inicie sesión, use la contraseña que eligió al registrarse."
    }
  }

  // MARK: Durations and dates

  /// A duration in the greatest unit that leaves no remainder.
  func words(for duration: Duration) -> String {
    let (count, unit) = duration.exactCount
    return "\(count) \(count == 1 ? singular(unit) : plural(unit))"
  }

  private func singular(_ unit: TimeUnit) -> String {
    switch self {
    case .english: unit.rawValue
    case .german: ["Woche", "Tag", "Stunde", "Minute", "Sekunde"][unit.position]
    case .french: ["semaine", "jour", "heure", "minute", "seconde"][unit.position]
    case .spanish: ["semana", "día", "hora", "minuto", "segundo"][unit.position]
    }
  }

  private func plural(_ unit: TimeUnit) -> String {
    switch self {
    case .english, .french, .spanish: "\(singular(unit))s"
    case .german: unit == .day ? "Tage" : "\(singular(unit))n"
    }
  }

  /// A date in UTC, as in a sentence: `23 November 2026`.
  func words(forDateOf moment: Instant) -> String {
    let date = moment.civil
    let month = months[date.month - 1]
    return switch self {
    case .english: "\(date.day) \(month) \(date.year)"
    case .german: "\(date.day). \(month) \(date.year)"
    case .french: "\(date.day == 1 ? "1er" : "\(date.day)") \(month) \(date.year)"
    case .spanish: "\(date.day) de \(month) de \(date.year)"
    }
  }

  private var months: [String] {
    switch self {
    case .english:
      [
        "January", "February", "March", "April", "May", "June", "July", "August", "September",
        "October", "November", "December",
      ]
    case .german:
      [
        "Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September",
        "Oktober", "November", "Dezember",
      ]
    case .french:
      [
        "janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre",
        "octobre", "novembre", "décembre",
      ]
    case .spanish:
      [
        "enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre",
        "octubre", "noviembre", "diciembre",
      ]
    }
  }
}

extension TimeUnit {
  /// The position in `allCases`.
  fileprivate var position: Int {
    switch self {
    case .week: 0
    case .day: 1
    case .hour: 2
    case .minute: 3
    case .second: 4
    }
  }
}
