internal import CGlibc
internal import Glibc

/// Asks the system's name servers for the TXT records of a domain.
package enum TextRecordQuery {
  /// What the name servers answered.
  package enum Answer: Equatable, Sendable {
    /// The records; none if the domain has no TXT record or does not exist.
    case records([[UInt8]])
    /// There is no usable answer, for a reason.
    case failed(String)
  }

  /// An answer over TCP has a length of 16 bits (RFC 1035, section 4.2.2).
  private static let maximumByteCount = 65_535

  /// Asks for a domain in A-labels, as it is: no search list applies.
  ///
  /// The C function is `res_nquery`, which repeats a truncated answer over TCP and has no time limit of
  /// its own: each of two attempts at a name server takes a second or two.
  package static func run(_ domain: String) -> Answer {
    var state = unsafe regctl_res_state()
    guard unsafe regctl_res_ninit(&state) == 0 else {
      return .failed("the resolver cannot be set up")
    }
    defer { unsafe regctl_res_nclose(&state) }
    unsafe state.retrans = 1
    unsafe state.retry = 2
    var answer = [UInt8](repeating: 0, count: maximumByteCount)
    let length = unsafe regctl_res_nquery(
      &state, domain, Int32(ns_c_in.rawValue), Int32(ns_t_txt.rawValue), &answer,
      Int32(answer.count))
    guard length >= 0 else { return failure(code: unsafe state.res_h_errno) }
    guard let records = TextRecordMessage.records(in: answer.prefix(Int(length))) else {
      return .failed("the answer of the name server is damaged")
    }
    return .records(records)
  }

  /// The meaning of a code of `h_errno`.
  private static func failure(code: Int32) -> Answer {
    switch code {
    case HOST_NOT_FOUND, NO_DATA: .records([])
    case TRY_AGAIN: .failed("no name server answers, or it cannot tell now")
    default: .failed("the name server refuses to answer")
    }
  }
}
