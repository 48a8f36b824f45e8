/// Announces a generated secret, before the change that makes it valid is committed.
///
/// It throws `RegctlError.announcement` if the secret did not arrive.
package typealias Announcement = () throws(RegctlError) -> Void
