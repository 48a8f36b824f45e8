extension BuiltInText {
  /// The French text of a kind of mail; a no-break space precedes `:` and `?`.
  static func french(_ kind: MailKind) -> BuiltInText {
    switch kind {
    case .confirm:
      BuiltInText(
        subject: "Confirmez votre adresse e-mail pour {{ service_name }}",
        heading: "Confirmez votre adresse e-mail",
        preview: "Veuillez confirmer que {{ email }} est bien votre adresse.",
        opening: [
          """
          Merci de votre inscription sur {{ service_name }}. Veuillez confirmer que {{ email }} est \
          bien votre adresse e-mail\u{a0}:
          """
        ],
        button: "Confirmer l’adresse",
        closing: [
          "Le lien est valable {{ expires_in }}.",
          """
          Si vous n’êtes pas à l’origine de cette inscription, ignorez ce message\u{a0}: sans \
          confirmation, l’adresse ne sera pas utilisée.
          """,
        ])
    case .reset:
      BuiltInText(
        subject: "Choisissez un nouveau mot de passe pour {{ service_name }}",
        heading: "Choisissez un nouveau mot de passe",
        preview: "Un nouveau mot de passe a été demandé pour {{ email }}.",
        opening: [
          """
          Un nouveau mot de passe a été demandé pour {{ email }} sur {{ service_name }}. Pour le \
          choisir, ouvrez ce lien\u{a0}:
          """
        ],
        button: "Choisir un mot de passe",
        closing: [
          "Le lien est valable {{ expires_in }} et ne fonctionne qu’une seule fois.",
          """
          Si vous n’êtes pas à l’origine de cette demande, ignorez ce message\u{a0}: le mot de passe \
          reste inchangé.
          """,
        ])
    case .changeEmail:
      BuiltInText(
        subject: "Confirmez votre nouvelle adresse e-mail pour {{ service_name }}",
        heading: "Confirmez votre nouvelle adresse e-mail",
        preview: "Veuillez confirmer que {{ email }} est bien votre nouvelle adresse.",
        opening: [
          """
          {{ email }} doit devenir l’adresse e-mail d’un compte sur {{ service_name }}. Veuillez \
          confirmer que cette adresse est bien la vôtre\u{a0}:
          """
        ],
        button: "Confirmer l’adresse",
        closing: [
          "Le lien est valable {{ expires_in }}.",
          """
          Si vous n’êtes pas à l’origine de cette demande, ignorez ce message\u{a0}: rien ne changera.
          """,
        ])
    case .changedNotice:
      BuiltInText(
        subject: "Modification de votre adresse e-mail sur {{ service_name }}",
        heading: "Modification de votre adresse e-mail",
        preview: "Une nouvelle adresse a été demandée pour votre compte.",
        opening: [
          """
          Une nouvelle adresse e-mail a été demandée pour le compte {{ email }} sur \
          {{ service_name }}.
          """,
          """
          Si vous êtes à l’origine de cette demande, vous n’avez rien à faire. Sinon, prévenez-nous \
          immédiatement\u{a0}: {{ support_address }}
          """,
        ],
        button: nil, closing: [], namesContact: true)
    case .invite:
      BuiltInText(
        subject: "Votre compte sur {{ service_name }}",
        heading: "Votre nouveau compte",
        preview: "Un compte a été créé pour vous. Veuillez choisir un mot de passe.",
        opening: [
          """
          Un compte a été créé pour vous sur {{ service_name }}, avec l’adresse {{ email }}. Pour \
          l’utiliser, choisissez un mot de passe\u{a0}:
          """
        ],
        button: "Choisir un mot de passe",
        closing: [
          """
          Le lien est valable {{ expires_in }} et ne fonctionne qu’une seule fois. En choisissant un \
          mot de passe, vous confirmez aussi votre adresse.
          """,
          """
          Si vous n’attendiez pas ce message, ignorez-le\u{a0}: sans mot de passe, le compte ne peut pas \
          être utilisé.
          """,
        ])
    case .reminder:
      BuiltInText(
        subject: "Rappel\u{a0}: confirmez votre adresse e-mail pour {{ service_name }}",
        heading: "Votre adresse e-mail n’est pas encore confirmée",
        preview: "Sans confirmation, votre compte sera supprimé.",
        opening: [
          """
          L’adresse {{ email }} a été enregistrée sur {{ service_name }}, mais elle n’est pas encore \
          confirmée. Veuillez confirmer qu’elle est bien la vôtre\u{a0}:
          """
        ],
        button: "Confirmer l’adresse",
        closing: [
          """
          Le lien est valable {{ expires_in }}. Si l’adresse n’est pas confirmée, le compte sera \
          supprimé après le {{ deletion_date }}.
          """,
          """
          Si vous n’êtes pas à l’origine de cette inscription, vous n’avez rien à faire.
          """,
        ])
    }
  }
}
