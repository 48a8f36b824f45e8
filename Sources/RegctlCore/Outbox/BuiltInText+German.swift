extension BuiltInText {
  /// The German text of a kind of mail.
  static func german(_ kind: MailKind) -> BuiltInText {
    switch kind {
    case .confirm:
      BuiltInText(
        subject: "Bestätigen Sie Ihre E-Mail-Adresse für {{ service_name }}",
        heading: "Bestätigen Sie Ihre E-Mail-Adresse",
        preview: "Bitte bestätigen Sie, dass {{ email }} Ihre Adresse ist.",
        opening: [
          """
          vielen Dank für Ihre Registrierung bei {{ service_name }}. Bitte bestätigen Sie, dass \
          {{ email }} Ihre E-Mail-Adresse ist:
          """
        ],
        button: "Adresse bestätigen",
        closing: [
          "Der Link ist {{ expires_in }} gültig.",
          """
          Wenn Sie sich nicht registriert haben, ignorieren Sie diese E-Mail: Ohne Bestätigung wird \
          die Adresse nicht verwendet.
          """,
        ])
    case .reset:
      BuiltInText(
        subject: "Legen Sie ein neues Passwort für {{ service_name }} fest",
        heading: "Neues Passwort festlegen",
        preview: "Für {{ email }} wurde ein neues Passwort angefordert.",
        opening: [
          """
          für {{ email }} wurde bei {{ service_name }} ein neues Passwort angefordert. Um es \
          festzulegen, öffnen Sie diesen Link:
          """
        ],
        button: "Passwort festlegen",
        closing: [
          "Der Link ist {{ expires_in }} gültig und funktioniert nur einmal.",
          """
          Wenn Sie kein neues Passwort angefordert haben, ignorieren Sie diese E-Mail: Das Passwort \
          bleibt, wie es ist.
          """,
        ])
    case .changeEmail:
      BuiltInText(
        subject: "Bestätigen Sie Ihre neue E-Mail-Adresse für {{ service_name }}",
        heading: "Bestätigen Sie Ihre neue E-Mail-Adresse",
        preview: "Bitte bestätigen Sie, dass {{ email }} Ihre neue Adresse ist.",
        opening: [
          """
          {{ email }} soll die neue E-Mail-Adresse eines Kontos bei {{ service_name }} werden. Bitte \
          bestätigen Sie, dass die Adresse Ihnen gehört:
          """
        ],
        button: "Adresse bestätigen",
        closing: [
          "Der Link ist {{ expires_in }} gültig.",
          """
          Wenn Sie das nicht veranlasst haben, ignorieren Sie diese E-Mail: Es ändert sich dann \
          nichts.
          """,
        ])
    case .changedNotice:
      BuiltInText(
        subject: "Ihre E-Mail-Adresse bei {{ service_name }} wird geändert",
        heading: "Ihre E-Mail-Adresse wird geändert",
        preview: "Für Ihr Konto wurde eine neue Adresse angefordert.",
        opening: [
          """
          für das Konto {{ email }} bei {{ service_name }} wurde eine neue E-Mail-Adresse \
          angefordert.
          """,
          """
          Wenn Sie das veranlasst haben, müssen Sie nichts tun. Wenn nicht, teilen Sie es uns bitte \
          umgehend mit: {{ support_address }}
          """,
        ],
        button: nil, closing: [], namesContact: true)
    case .invite:
      BuiltInText(
        subject: "Ihr Konto bei {{ service_name }}",
        heading: "Ihr neues Konto",
        preview: "Für Sie wurde ein Konto angelegt. Bitte legen Sie ein Passwort fest.",
        opening: [
          """
          für Sie wurde bei {{ service_name }} ein Konto mit der Adresse {{ email }} angelegt. Um es \
          zu nutzen, legen Sie ein Passwort fest:
          """
        ],
        button: "Passwort festlegen",
        closing: [
          """
          Der Link ist {{ expires_in }} gültig und funktioniert nur einmal. Mit dem Passwort \
          bestätigen Sie auch Ihre Adresse.
          """,
          """
          Wenn Sie diese E-Mail nicht erwartet haben, ignorieren Sie sie: Ohne Passwort kann das \
          Konto nicht genutzt werden.
          """,
        ])
    case .reminder:
      BuiltInText(
        subject: "Erinnerung: Bestätigen Sie Ihre E-Mail-Adresse für {{ service_name }}",
        heading: "Ihre E-Mail-Adresse ist noch nicht bestätigt",
        preview: "Ohne Bestätigung wird Ihr Konto gelöscht.",
        opening: [
          """
          die Adresse {{ email }} wurde bei {{ service_name }} registriert, aber noch nicht \
          bestätigt. Bitte bestätigen Sie, dass sie Ihnen gehört:
          """
        ],
        button: "Adresse bestätigen",
        closing: [
          """
          Der Link ist {{ expires_in }} gültig. Wenn die Adresse nicht bestätigt wird, wird das \
          Konto nach dem {{ deletion_date }} gelöscht.
          """,
          "Wenn Sie sich nicht registriert haben, müssen Sie nichts tun.",
        ])
    }
  }
}
