/// The accounts to offer.
package enum CandidateAccounts: Sendable { case all, unconfirmed, admins }
