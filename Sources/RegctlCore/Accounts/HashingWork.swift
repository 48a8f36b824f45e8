package import OpenSSL

/// The work of computing a hash: a function and its cost.
package enum HashingWork: Hashable, Sendable {
  /// 2^cost rounds.
  case bcrypt(cost: Int)
  case derivation(KeyDerivation)

  /// What two hashes must share so that more rounds of one take as long as the other.
  enum Kind: Hashable {
    case bcrypt
    case scrypt(size: Int, passes: Int)
    case pbkdf2(Digest.Algorithm)
  }

  var kind: Kind {
    switch self {
    case .bcrypt: .bcrypt
    case .derivation(.scrypt(_, let size, let passes)): .scrypt(size: size, passes: passes)
    case .derivation(.pbkdf2(let algorithm, _)): .pbkdf2(algorithm)
    }
  }

  /// The number of rounds, which are equally long for all work of a kind.
  var rounds: Int {
    switch self {
    case .bcrypt(let cost): 1 << cost
    case .derivation(.scrypt(let blocks, _, _)): blocks
    case .derivation(.pbkdf2(_, let iterations)): iterations
    }
  }

  /// The same function with another number of rounds, a power of 2 unless it is PBKDF2.
  private func with(rounds: Int) -> HashingWork {
    switch self {
    case .bcrypt: .bcrypt(cost: rounds.trailingZeroBitCount)
    case .derivation(.scrypt(_, let size, let passes)):
      .derivation(.scrypt(blocks: rounds, size: size, passes: passes))
    case .derivation(.pbkdf2(let algorithm, _)):
      .derivation(.pbkdf2(algorithm, iterations: rounds))
    }
  }

  /// What remains to be run after this work so that it takes the rounds of other work of its kind:
  /// 2^c + (2^c + 2^(c+1) + … + 2^(d-1)) = 2^d.
  func padding(to total: HashingWork) -> [HashingWork] {
    guard total.kind == kind, total.rounds > rounds else { return [] }
    if case .derivation(.pbkdf2) = self { return [with(rounds: total.rounds - rounds)] }
    var runs: [HashingWork] = []
    var next = rounds
    while next < total.rounds {
      runs.append(with(rounds: next))
      next *= 2
    }
    return runs
  }

  /// Does the work on a fixed value, for its running time only.
  func runInVain() throws(RegctlError) {
    let password = Array("no such password".utf8)
    switch self {
    case .bcrypt(let cost):
      _ = Bcrypt.hash(of: password, setting: Bcrypt.fixedSetting(cost: cost))
    case .derivation(let function):
      // A salt as long as that of Werkzeug.
      _ = try openSSL(function.key(of: password, salt: Array("no such salt ...".utf8)))
    }
  }
}
