import Testing

@testable import RegctlCore

@Suite("SecretText") struct SecretTextTests {
  private static let token =
    "ImFubkBleGFtcGxlLm9yZyI.av_G0A.abcdefghijklmnopqrstuvwxyzA"

  @Test(arguments: [
    "koXgE4XXYNbXKacmoouKvo0OlYAHpvpZYXJ862QNTF0=", "koXgE4XXYNbXKac/oouKvo0OlYA+pvpZYXJ862QNTF0=",
    "/oXgE4XXYNbXKacmoouKvo0OlYAHpvpZYXJ862QNTF0=", "koXgE4XXYNbXKacmoou-vo0OlYA_pvpZYXJ862QNTF0",
    "0123456789abcdef0123456789abcdef", "0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF",
    token, "." + token, "https://app.example/confirm/\(token)", "<\(token)>",
    "$2b$13$abcdefghijklmnopqrstuuLnqI1P4rdqGwkF6wU1Gk6TU4u4xAzVS", "$6$salt$hash",
    "scrypt:32768:8:1$x$y", "pbkdf2:sha256:1000$x$y", "postgresql://ann:hunter2@localhost/app",
  ])
  func `a word with the form of a secret is detected`(_ word: String) {
    #expect(SecretText.isSecret(word))
  }

  @Test(arguments: [
    "", "ann@example.org", "a.very.long.and.tedious.address.of.ann@mail.example.org", "register",
    "/var/lib/regctl/regctl.db", "/Srv/Data2026/regctl/before/the/upgrade",
    "var/lib/Regctl2026/before-the-upgrade.db", "regctl-backup-before-the-great-upgrade",
    "https://app.example/confirm/{token}", "https://app.example/a:b@c", "$HOME", "$5", "2026-11-23",
    "www.example.mail.org", "postgresql://ann@localhost/app",
  ])
  func `addresses, paths, links and names are not secrets`(_ word: String) {
    #expect(!SecretText.isSecret(word))
  }

  @Test func `within a value 32 characters in a row are enough`() {
    let row = String(repeating: "a", count: 32)
    #expect(SecretText.holdsSecret("x \(row) y"))
    #expect(!SecretText.holdsSecret("x \(row.dropLast()) y"))
    #expect(SecretText.holdsSecret("$2b$13$short"))
    #expect(!SecretText.holdsSecret("2026-11-23 09:00:00.000000"))
  }

  @Test(arguments: [
    ("emial", true), ("e-mail", true), ("registered_on", true), ("a", true), ("", false),
    ("_x", false), ("-x", false), ("a1", false), ("a b", false), ("é", false),
    (String(repeating: "a", count: 30), true), (String(repeating: "a", count: 31), false),
  ])
  func `a name is letters, hyphens and underscores`(_ text: String, isName: Bool) {
    #expect(SecretText.isName(text) == isName)
  }

  @Test(arguments: [
    ("nickname", true), ("address2", true), ("oauth2_id", true), ("column.id", true),
    ("Name", true), ("Name2", false), ("2name", false), ("", false), ("deadbeef0123", false),
    (String(repeating: "a", count: 30) + "1", false), ("a b", false), ("é", false),
  ])
  func `a name of a column may have a few digits`(_ text: String, isName: Bool) {
    #expect(SecretText.isColumnName(text) == isName)
  }

  @Test(arguments: [
    ("koXgE4XXYNbXKacmoouKvo0OlYAHpvpZYXJ862QNTF0=\n", true),
    ("0123456789abcdef\r\n\r\ncorrect-horse-battery!\n", true), ("abcdefghijklmnop=\n", true),
    ("short\n", false), ("", false), ("\n\n", false), ("a sentence of several words\n", false),
    ("0123456789abcdef\ndb = regctl.db\n", false), ("0123456789abcdef\nunknown_key=value\n", false),
    ("################\n0123456789abcdef\n", false), ("0123456789abcdé\n", false),
  ])
  func `a key file consists of long words and no assignments`(
    _ content: String, isKeyFile: Bool
  ) {
    #expect(SecretText.isKeyFile(Array(content.utf8)) == isKeyFile)
  }
}
