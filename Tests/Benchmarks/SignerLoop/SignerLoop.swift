internal import RegctlCore

/// Signs and verifies in a loop, for `run.py` to compare with itsdangerous.
///
/// Prints the nanoseconds per token: `issue N` and `verify N`.
@main enum SignerLoop {
  private static let count = 300_000

  static func main() throws {
    guard let keys = KeyRing(fileContent: Array(repeating: UInt8(ascii: "k"), count: 32)) else {
      return
    }
    let signer = try TokenSigner(keys: keys, salt: "email-confirm")
    let addresses = (0..<1000).map { "user\(10_000 + $0)@example.org" }
    var bytes = 0
    let clock = ContinuousClock()
    let issuing = clock.measure {
      for index in 0..<count {
        bytes += signer.sign(addresses[index % 1000], at: 1_800_000_000).utf8.count
      }
    }
    let tokens = addresses.map { Array(signer.sign($0, at: 1_800_000_000).utf8) }
    let verifying = clock.measure {
      for index in 0..<count {
        do throws(TokenError) {
          bytes += try signer.verify(tokens[index % 1000]).email.utf8.count
        } catch {
          preconditionFailure("a token of our own: \(error)")
        }
      }
    }
    precondition(bytes > 0)
    print("issue \(issuing / .nanoseconds(count))")
    print("verify \(verifying / .nanoseconds(count))")
  }
}
