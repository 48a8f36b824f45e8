package import System

/// An error of the core.
///
/// It carries data and no text: the message of each case is made by `Diagnostic`.
package enum RegctlError: Error, Equatable, Sendable {
  case address(AddressError)
  case password(PasswordError)
  case account(AccountError)
  case token(TokenError)
  case configuration(ConfigurationError)
  case store(StoreError)
  case template(TemplateError)
  case prune(PruneError)
  case mail(MailError)
  case delivery(DeliveryError)
  case file(FileError)
  case importing(ImportError)
  /// The secret of a change could not be announced, so the change was not made.
  case announcement(FileError)
  /// OpenSSL cannot be loaded, or lacks an algorithm.
  case openSSL(reason: String)
}

/// Accesses a file and translates `FileError` to `RegctlError`.
package func fileAccess<Result: ~Copyable>(
  _ call: @autoclosure () throws(FileError) -> Result
) throws(RegctlError) -> Result {
  do throws(FileError) {
    return try call()
  } catch {
    throw .file(error)
  }
}
