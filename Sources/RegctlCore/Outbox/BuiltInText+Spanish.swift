extension BuiltInText {
  /// The Spanish text of a kind of mail.
  static func spanish(_ kind: MailKind) -> BuiltInText {
    switch kind {
    case .confirm:
      BuiltInText(
        subject: "Confirme su dirección de correo electrónico para {{ service_name }}",
        heading: "Confirme su dirección de correo electrónico",
        preview: "Por favor, confirme que {{ email }} es su dirección.",
        opening: [
          """
          Gracias por registrarse en {{ service_name }}. Por favor, confirme que {{ email }} es su \
          dirección de correo electrónico:
          """
        ],
        button: "Confirmar la dirección",
        closing: [
          "El enlace es válido durante {{ expires_in }}.",
          """
          Si usted no se ha registrado, ignore este mensaje: sin confirmación, la dirección no se \
          utilizará.
          """,
        ])
    case .reset:
      BuiltInText(
        subject: "Elija una nueva contraseña para {{ service_name }}",
        heading: "Elija una nueva contraseña",
        preview: "Se ha solicitado una nueva contraseña para {{ email }}.",
        opening: [
          """
          Se ha solicitado una nueva contraseña para {{ email }} en {{ service_name }}. Para \
          elegirla, abra este enlace:
          """
        ],
        button: "Elegir una contraseña",
        closing: [
          "El enlace es válido durante {{ expires_in }} y solo funciona una vez.",
          "Si usted no la ha solicitado, ignore este mensaje: la contraseña no cambiará.",
        ])
    case .changeEmail:
      BuiltInText(
        subject: "Confirme su nueva dirección de correo electrónico para {{ service_name }}",
        heading: "Confirme su nueva dirección de correo electrónico",
        preview: "Por favor, confirme que {{ email }} es su nueva dirección.",
        opening: [
          """
          {{ email }} va a ser la nueva dirección de correo electrónico de una cuenta en \
          {{ service_name }}. Por favor, confirme que la dirección es suya:
          """
        ],
        button: "Confirmar la dirección",
        closing: [
          "El enlace es válido durante {{ expires_in }}.",
          "Si usted no lo ha solicitado, ignore este mensaje: nada cambiará.",
        ])
    case .changedNotice:
      BuiltInText(
        subject: "Su dirección de correo electrónico en {{ service_name }} va a cambiar",
        heading: "Su dirección de correo electrónico va a cambiar",
        preview: "Se ha solicitado una nueva dirección para su cuenta.",
        opening: [
          """
          Se ha solicitado una nueva dirección de correo electrónico para la cuenta {{ email }} en \
          {{ service_name }}.
          """,
          """
          Si lo ha solicitado usted, no tiene que hacer nada. Si no, avísenos de inmediato: \
          {{ support_address }}
          """,
        ],
        button: nil, closing: [], namesContact: true)
    case .invite:
      BuiltInText(
        subject: "Su cuenta en {{ service_name }}",
        heading: "Su nueva cuenta",
        preview: "Se ha creado una cuenta para usted. Por favor, elija una contraseña.",
        opening: [
          """
          Se ha creado una cuenta para usted en {{ service_name }}, con la dirección {{ email }}. \
          Para utilizarla, elija una contraseña:
          """
        ],
        button: "Elegir una contraseña",
        closing: [
          """
          El enlace es válido durante {{ expires_in }} y solo funciona una vez. Al elegir una \
          contraseña, también confirma su dirección.
          """,
          """
          Si no esperaba este mensaje, ignórelo: sin contraseña, la cuenta no se puede utilizar.
          """,
        ])
    case .reminder:
      BuiltInText(
        subject: "Recordatorio: confirme su dirección de correo para {{ service_name }}",
        heading: "Su dirección de correo electrónico aún no está confirmada",
        preview: "Sin confirmación, su cuenta se eliminará.",
        opening: [
          """
          La dirección {{ email }} se registró en {{ service_name }}, pero aún no está confirmada. \
          Por favor, confirme que es suya:
          """
        ],
        button: "Confirmar la dirección",
        closing: [
          """
          El enlace es válido durante {{ expires_in }}. Si la dirección no se confirma, la cuenta se \
          eliminará después del {{ deletion_date }}.
          """,
          "Si usted no se ha registrado, no tiene que hacer nada.",
        ])
    }
  }
}
