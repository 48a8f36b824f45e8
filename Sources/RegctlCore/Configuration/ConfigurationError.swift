package import Base

/// The reason why a setting, a configuration file or a secret file is invalid.
package struct ConfigurationError: Error, Equatable, Sendable {
  /// The origin of a setting.
  package enum Origin: Equatable, Sendable {
    case builtIn
    case file(path: String, line: Int)
    case environment(variable: String)
    case credential(path: String)
    case option(String)
  }

  package enum Fault: Equatable, Sendable {
    /// A line sets an unknown key, which is repeated only if it looks like a name.
    case unknownKey(String?, suggestion: String?)
    /// The key has another name in regctl; the second is what to write.
    case replacedKey(String, by: String)
    case repeatedKey(String, firstLine: Int)
    case malformedLine
    case notUTF8
    /// A line of `deny_domains_file` is not a domain.
    case notADomain
    case tooLarge
    case value(setting: String, value: String, fault: ValueFault)
    /// A file of signing keys was given as a configuration.
    case keyFile(path: String)
    /// A setting for the name of a secret file seems to contain the secret itself.
    case secretInsteadOfFile(setting: String)
    /// The file of `--password-file` does not exist; the value may be the password.
    case missingPasswordFile
    case missingSetting(String)
    /// Other users could have written the file, because of the owner or mode of the file, or of a
    /// directory or link in its path.
    case untrusted(path: String, at: String, FileTrust.Fault)
    /// Group or others may read a secret.
    case readableByOthers(path: String, permissions: UInt32)
    /// A secret file is owned by neither root nor the user who runs regctl.
    case foreignOwner(path: String, uid: UInt32)
    case notARegularFile(path: String)
    case missingFile(path: String, setting: String)
    /// Two purposes have the same salt; the second setting is the one to change.
    case equalSalts(String, String)
    /// A setting for an application's table does not apply to a new database.
    case newTable(setting: String)
    /// The table has no column for the application's reset links.
    case noResetColumn
    /// The salt of confirmation tokens is given by itself and by a file.
    case saltAndFile
    case noSalt(path: String)
    case noKey(path: String)
    /// The key file is a credential, of which systemd makes a copy at each start.
    case credentialOfKey
    /// The user may not replace the key file in its directory, to add a key or to drop some.
    case fixedKeyFile(path: String, dropping: Int)
    /// The salt of confirmation tokens is the last key of the key file, so that a new key would change
    /// it and make all links invalid.
    case saltInKeyFile
    case weakKey(path: String, position: Int, weakness: KeyRing.Weakness)
    /// A line of the file of `mail_headers` is not a header that regctl can add.
    case mailHeader(MailHeader.Fault)
  }

  /// The reason why a setting cannot have a value.
  package enum ValueFault: Error, Equatable, Sendable {
    case choice([String])
    case boolean
    case range(ClosedRange<Int>)
    case duration(TimeSpan.Fault)
    case neverNotAllowed
    /// Not a whole number with a percent sign.
    case percentage
    /// Shorter than the lifetime of links.
    case shorterThanLinks(Duration)
    case empty
    case controlByte
    case url
    case linkWithoutToken
    case address(AddressError.Fault)
    case displayName
    case mailbox
    case language
    case zone(DatabaseZone.Fault)
    case columns(UsersMapping.Fault)
    /// A URL of a database that regctl does not support, by its scheme.
    case foreignDatabase(scheme: String)
    /// A database URL without a file.
    case databaseWithoutFile
    /// A server's address with a password.
    case databasePassword
    /// A server's address with a parameter that it must not have, which is repeated only if it looks
    /// like a name.
    case databaseParameter(String?)
    /// A file where a server's address is needed.
    case notAServer
    /// Not the name of a service that has a server's address.
    case serviceName

    /// Whether the value may contain a password, so that it is not repeated.
    package var hidesValue: Bool {
      switch self {
      case .foreignDatabase, .databaseWithoutFile, .databasePassword, .databaseParameter,
        .serviceName:
        true
      default: false
      }
    }
  }

  package let origin: Origin
  package let fault: Fault

  package init(origin: Origin, fault: Fault) {
    self.origin = origin
    self.fault = fault
  }
}
