/// The templates that are used where `templates_dir` has none.
enum BuiltInTemplates {
  static let confirmText = """
    Subject: Confirm your e-mail address for {{ service_name }}

    Welcome!

    Somebody, most likely you, has registered {{ email }} at {{ service_name }}.
    To confirm that the address is yours, open this link:

    {{ confirm_url }}

    The link is valid for {{ expires_in }}. If it was not you, ignore this mail:
    without a confirmation the address will not be used.

    Questions? {{ support_address }}

    """

  static let confirmHTML = """
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
}
