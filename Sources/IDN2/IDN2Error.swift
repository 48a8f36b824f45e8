/// A domain that cannot be converted.
package enum IDN2Error: Error, Equatable, Sendable {
  /// libidn2 cannot be loaded.
  case library(reason: String)
  /// The domain is not valid, with the words of `idn2_strerror`.
  case domain(reason: String)
}
