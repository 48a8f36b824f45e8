/// The templates used when `templates_dir` has none.
enum BuiltInTemplates {
  static func of(_ kind: MailKind) -> (text: String, html: String) {
    switch kind {
    case .confirm: (confirmText, confirmHTML)
    case .reset: (resetText, resetHTML)
    case .changeEmail: (changeEmailText, changeEmailHTML)
    case .changedNotice: (changedNoticeText, changedNoticeHTML)
    }
  }

  private static let confirmText = """
    Subject: Confirm your e-mail address for {{ service_name }}

    Welcome!

    Somebody, most likely you, has registered {{ email }} at {{ service_name }}.
    To confirm that the address is yours, open this link:

    {{ confirm_url }}

    The link is valid for {{ expires_in }}. If it was not you, ignore this mail:
    without a confirmation the address will not be used.

    Questions? {{ support_address }}

    """

  private static let confirmHTML = """
    <!DOCTYPE html>
    <html lang="en">
    <head><meta charset="utf-8"><title>Confirm your e-mail address</title></head>
    <body style="font-family: sans-serif; line-height: 1.5; color: #222">
    <p>Welcome!</p>
    <p>Somebody, most likely you, has registered <strong>{{ email }}</strong> at
    {{ service_name }}. To confirm that the address is yours, follow this link:</p>
    <p><a href="{{ confirm_url }}"
    style="display: inline-block; padding: 0.6em 1.2em; background: #0b5cad;
    color: #fff; border-radius: 4px; text-decoration: none">Confirm the address</a></p>
    <p>Or copy it into your browser:<br>
    <a href="{{ confirm_url }}">{{ confirm_url }}</a></p>
    <p>The link is valid for {{ expires_in }}. If it was not you, ignore this mail: without a
    confirmation the address will not be used.</p>
    <p>Questions? {{ support_address }}</p>
    </body>
    </html>

    """

  private static let resetText = """
    Subject: Set a new password for {{ service_name }}

    Somebody, most likely you, has asked for a new password for {{ email }} at
    {{ service_name }}. To choose one, open this link:

    {{ reset_url }}

    The link is valid for {{ expires_in }} and works once. If it was not you, ignore
    this mail: the password stays as it is.

    Questions? {{ support_address }}

    """

  private static let resetHTML = """
    <!DOCTYPE html>
    <html lang="en">
    <head><meta charset="utf-8"><title>Set a new password</title></head>
    <body style="font-family: sans-serif; line-height: 1.5; color: #222">
    <p>Somebody, most likely you, has asked for a new password for <strong>{{ email }}</strong>
    at {{ service_name }}. To choose one, follow this link:</p>
    <p><a href="{{ reset_url }}">{{ reset_url }}</a></p>
    <p>The link is valid for {{ expires_in }} and works once. If it was not you, ignore this
    mail: the password stays as it is.</p>
    <p>Questions? {{ support_address }}</p>
    </body>
    </html>

    """

  private static let changeEmailText = """
    Subject: Confirm your new e-mail address for {{ service_name }}

    Somebody, most likely you, wants to use {{ email }} from now on at
    {{ service_name }}. To confirm that the address is yours, open this link:

    {{ change_email_url }}

    The link is valid for {{ expires_in }}. If it was not you, ignore this mail:
    nothing will change.

    Questions? {{ support_address }}

    """

  private static let changeEmailHTML = """
    <!DOCTYPE html>
    <html lang="en">
    <head><meta charset="utf-8"><title>Confirm your new e-mail address</title></head>
    <body style="font-family: sans-serif; line-height: 1.5; color: #222">
    <p>Somebody, most likely you, wants to use <strong>{{ email }}</strong> from now on at
    {{ service_name }}. To confirm that the address is yours, follow this link:</p>
    <p><a href="{{ change_email_url }}">{{ change_email_url }}</a></p>
    <p>The link is valid for {{ expires_in }}. If it was not you, ignore this mail: nothing
    will change.</p>
    <p>Questions? {{ support_address }}</p>
    </body>
    </html>

    """

  private static let changedNoticeText = """
    Subject: Your e-mail address at {{ service_name }} is being changed

    The account at {{ service_name }} that is known under {{ email }} is to have
    another e-mail address.

    If you asked for that, nothing needs to be done. If not, tell us at once:
    {{ support_address }}

    """

  private static let changedNoticeHTML = """
    <!DOCTYPE html>
    <html lang="en">
    <head><meta charset="utf-8"><title>Your e-mail address is being changed</title></head>
    <body style="font-family: sans-serif; line-height: 1.5; color: #222">
    <p>The account at {{ service_name }} that is known under <strong>{{ email }}</strong> is to
    have another e-mail address.</p>
    <p>If you asked for that, nothing needs to be done. If not, tell us at once:
    {{ support_address }}</p>
    </body>
    </html>

    """
}
