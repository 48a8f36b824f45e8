internal import Base

/// Words by which other tools name what a command does, or what it is about.
extension CommandTable {
  /// The commands that are meant by a word that is not the name of one, or a further name that is
  /// nearest to it.
  static func suggestions(for word: String, or further: [String] = []) -> [String] {
    if let commands = synonyms[word.lowercased()] { return commands }
    let nearest = EditDistance.nearest(to: word, among: all.map { $0.name } + further)
    return nearest.map { [$0] } ?? []
  }

  /// The commands that each word leads to.
  static let synonyms: [String: [String]] = {
    var synonyms: [String: [String]] = [:]
    for (words, commands) in synonymRows {
      for word in words.split(separator: " ") { synonyms[String(word)] = commands }
    }
    return synonyms
  }()

  /// Words of coreutils, shadow, Django, Flask-Security, Postfix, databases, git and gh.
  private static let synonymRows: KeyValuePairs<String, [String]> = [
    "useradd adduser add-user create-user add create new signup sign-up invite": ["register"],
    "createsuperuser create-superuser add-admin": ["create-admin"],
    "userdel deluser delete-user remove-user remove rm del": ["delete"],
    "search find grep ls list users list-users accounts getent": ["list-accounts"],
    "admins": ["list-admins"],
    "unconfirmed pending": ["list-unconfirmed"],
    "whoami who id info get view finger describe": ["show"],
    "log history events": ["audit", "show"],
    "activate approve verify accept validate": ["confirm"],
    "unverify unactivate": ["unconfirm"],
    "deactivate disable": ["lock", "unconfirm"],
    "ban block suspend": ["lock"],
    "enable": ["unlock", "confirm"],
    "unban unblock unsuspend reinstate": ["unlock"],
    "passwd password chpasswd changepassword": ["set-password"],
    "forgot forgot-password recover": ["reset-password"],
    "rename usermod chfn edit modify set-email move": ["change-email"],
    "promote add-role": ["grant-admin"],
    "demote remove-role": ["revoke-admin"],
    "undo revert": ["unprune", "undelete"],
    "mailq queue outbox mails list-mails postqueue": ["list-outbox"],
    "flush send sendmail": ["deliver"],
    "remind remail": ["resend"],
    "requeue retry": ["retry-mail"],
    "dequeue postsuper": ["cancel-mail"],
    "template preview": ["show-template", "show-mail"],
    "token link": ["issue-token", "inspect-token"],
    "decode loads": ["inspect-token"],
    "sign dumps": ["issue-token"],
    "login authenticate auth": ["check"],
    "init initdb createdb init-db setup": ["create-db"],
    "migrate upgrade update adopt": ["migrate-db"],
    "dump dumpdata pg_dump": ["export", "backup"],
    "load loaddata": ["import"],
    "cleanup clean gc expire": ["prune"],
    "settings env": ["config"],
    "health diagnose lint verify-config": ["doctor"],
    "stats statistics metrics": ["report"],
    "runs": ["list-prunes"],
    "demo example": ["tour"],
    "completions complete autocomplete": ["completion"],
    "man usage commands": ["help"],
    "version": ["--version"],
  ]
}
