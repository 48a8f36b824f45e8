extension BuiltInText {
  /// The English text of a kind of mail.
  static func english(_ kind: MailKind) -> BuiltInText {
    switch kind {
    case .confirm:
      BuiltInText(
        subject: "Confirm your e-mail address for {{ service_name }}",
        heading: "Confirm your e-mail address",
        preview: "Please confirm that {{ email }} is your address.",
        opening: [
          """
          Thank you for registering at {{ service_name }}. Please confirm that {{ email }} is your \
          e-mail address:
          """
        ],
        button: "Confirm the address",
        closing: [
          "The link is valid for {{ expires_in }}.",
          """
          If you did not register, ignore this mail: without a confirmation the address will not \
          be used.
          """,
        ])
    case .reset:
      BuiltInText(
        subject: "Set a new password for {{ service_name }}",
        heading: "Set a new password",
        preview: "A new password was requested for {{ email }}.",
        opening: [
          """
          A new password was requested for {{ email }} at {{ service_name }}. To choose one, open \
          this link:
          """
        ],
        button: "Choose a password",
        closing: [
          "The link is valid for {{ expires_in }} and works once.",
          "If you did not ask for it, ignore this mail: the password stays as it is.",
        ])
    case .changeEmail:
      BuiltInText(
        subject: "Confirm your new e-mail address for {{ service_name }}",
        heading: "Confirm your new e-mail address",
        preview: "Please confirm that {{ email }} is your new address.",
        opening: [
          """
          {{ email }} is to become the e-mail address of an account at {{ service_name }}. Please \
          confirm that the address is yours:
          """
        ],
        button: "Confirm the address",
        closing: [
          "The link is valid for {{ expires_in }}.",
          "If you did not ask for this, ignore this mail: nothing will change.",
        ])
    case .changedNotice:
      BuiltInText(
        subject: "Your e-mail address at {{ service_name }} is being changed",
        heading: "Your e-mail address is being changed",
        preview: "A new address was requested for your account.",
        opening: [
          "A new e-mail address was requested for the account {{ email }} at {{ service_name }}.",
          """
          If you asked for this, nothing needs to be done. If not, please tell us at once: \
          {{ support_address }}
          """,
        ],
        button: nil, closing: [], namesContact: true)
    case .invite:
      BuiltInText(
        subject: "Your account at {{ service_name }}",
        heading: "Your new account",
        preview: "An account was created for you. Please choose a password.",
        opening: [
          """
          An account was created for you at {{ service_name }}, with the address {{ email }}. To \
          use it, choose a password:
          """
        ],
        button: "Choose a password",
        closing: [
          """
          The link is valid for {{ expires_in }} and works once. Choosing a password also confirms \
          your address.
          """,
          """
          If you did not expect this mail, ignore it: without a password the account cannot be \
          used.
          """,
        ])
    case .reminder:
      BuiltInText(
        subject: "Reminder: confirm your e-mail address for {{ service_name }}",
        heading: "Your e-mail address is not confirmed yet",
        preview: "Without a confirmation your account will be deleted.",
        opening: [
          """
          The address {{ email }} was registered at {{ service_name }}, but it is not confirmed \
          yet. Please confirm that it is yours:
          """
        ],
        button: "Confirm the address",
        closing: [
          """
          The link is valid for {{ expires_in }}. If the address is not confirmed, the account will \
          be deleted after {{ deletion_date }}.
          """,
          "If you did not register, nothing needs to be done.",
        ])
    }
  }
}
