package import Base

/// What is wrong with a setting, a configuration file or a secret file.
package struct ConfigurationError: Error, Equatable, Sendable {
  /// Where a setting came from.
  package enum Origin: Equatable, Sendable {
    case builtIn
    case file(path: String, line: Int)
    case environment(variable: String)
    case credential(path: String)
    case option(String)
  }

  package enum Fault: Equatable, Sendable {
    /// A line that sets an unknown key; its name is repeated only if it looks like one.
    case unknownKey(String?, suggestion: String?)
    case repeatedKey(String, firstLine: Int)
    case malformedLine
    case notUTF8
    case tooLarge
    case value(setting: String, value: String, fault: ValueFault)
    /// A file of signing keys was given for a configuration.
    case keyFile(path: String)
    /// A setting that names a file with a secret seems to hold the secret itself.
    case secretInsteadOfFile(setting: String)
    /// The file of `--password-file` does not exist; its value may be the password.
    case missingPasswordFile
    case missingSetting(String)
    /// Others could have written the file, because of its own owner or mode, or of those of a directory
    /// or link on the way to it.
    case untrusted(path: String, at: String, FileTrust.Fault)
    /// Group or others may read a secret.
    case readableByOthers(path: String, permissions: UInt32)
    /// A secret that belongs to neither root nor the user who runs regctl.
    case foreignOwner(path: String, uid: UInt32)
    case notARegularFile(path: String)
    case missingFile(path: String, setting: String)
    /// Two purposes have one salt; the setting that is better changed comes second.
    case equalSalts(String, String)
    case noKey(path: String)
    case weakKey(path: String, position: Int, weakness: KeyRing.Weakness)
  }

  /// Why a setting cannot have a value.
  package enum ValueFault: Error, Equatable, Sendable {
    case choice([String])
    case boolean
    case range(ClosedRange<Int>)
    case duration(TimeSpan.Fault)
    case neverNotAllowed
    /// Shorter than links live.
    case shorterThanLinks(Duration)
    case empty
    case controlByte
    case url
    case linkWithoutToken
    case address(AddressError.Fault)
    case displayName
    case mailbox
    case zone(LegacyZone.Fault)
  }

  package let origin: Origin
  package let fault: Fault

  package init(origin: Origin, fault: Fault) {
    self.origin = origin
    self.fault = fault
  }
}
