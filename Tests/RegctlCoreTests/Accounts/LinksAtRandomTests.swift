import SQL
import TestSupport
import Testing

@testable import RegctlCore

/// Random sequences of changes of address, links and passwords, on one account.
@Suite("Links at random") struct LinksAtRandomTests {
  private static let seeds: ClosedRange<UInt64> = 1...20

  /// On a server, where a step takes seven times as long, a quarter of them if not all is tried.
  private static let triedSeeds =
    TestExtent.isFull ? seeds : TestEngine.choose(sqlite: seeds, postgresql: 1...5)

  @Test(arguments: triedSeeds)
  func `in 500 random steps no link does what it must not`(_ seed: UInt64) throws {
    var life = try Life(seed: seed)
    for _ in 0..<500 { try life.step() }
    #expect(life.wrong == [])
    #expect(life.trialsOfVoidLinks > 500)
    for purpose in TokenPurpose.allCases { #expect(life.uses[purpose, default: 0] > 0) }
  }

  /// The controls: links that were voided are made valid again in the database.
  @Test(arguments: [
    "UPDATE regctl_accounts SET not_before = NULL" as Statement,
    "UPDATE regctl_email_changes SET voided_at = NULL",
    "UPDATE regctl_accounts SET not_before = NULL; UPDATE regctl_email_changes SET voided_at = NULL",
  ])
  func `links and changes made valid again are detected`(_ fault: Statement) throws {
    var wrong: [String] = []
    for seed in Self.seeds where wrong.isEmpty {
      var life = try Life(seed: seed)
      life.fault = fault
      for _ in 0..<500 where life.wrong.isEmpty { try life.step() }
      wrong += life.wrong
    }
    #expect(!wrong.isEmpty)
  }
}

/// One account, all links ever mailed to it, and the violations found.
private struct Life {
  /// A link, with the address it was mailed to and the renewal that it depends on.
  private struct Link {
    let text: TokenText
    let address: String
    let purpose: TokenPurpose
    let trust: Int
  }

  private static let addresses = ["ann@a.org", "Ann@a.org", "ann@b.org", "ann@c.org"]

  private let site: Site
  private let authority: TokenAuthority
  private let id: AccountID
  private var random: SplitMix
  private var links: [Link] = []

  /// The number of times that earlier links were revoked.
  private var trust = 0

  /// The renewals that existed when the newest change of address was requested.
  private var trustAtRequest = 0

  /// The change to the database after each renewal.
  var fault: Statement?

  private(set) var wrong: [String] = []
  private(set) var uses: [TokenPurpose: Int] = [:]
  private(set) var trialsOfVoidLinks = 0

  init(seed: UInt64) throws {
    site = try Site()
    // A power failure is not tested here, and synchronizing takes longer than everything else.
    if TestEngine.current == .sqlite { try site.store.execute("PRAGMA synchronous=OFF") }
    authority = try site.authority()
    id = try site.register(Self.addresses[0]).id
    random = SplitMix(state: seed)
  }

  private func account() throws -> Account { try #require(try site.store.account(id)) }

  /// Performs an operation and records violations.
  mutating func step() throws {
    site.now = site.now + .seconds(Int.random(in: 0...1, using: &random))
    switch Int.random(in: 0..<20, using: &random) {
    case 0, 1: try changeEmail()
    case 2: try unconfirm()
    case 3: try setPassword()
    case 4: try site.confirmByHand(account().email)
    case 5..<12: try issue(TokenPurpose.allCases.randomElement(using: &random) ?? .confirm)
    case 12, 13: if let link = links.suffix(3).randomElement(using: &random) { try reset(by: link) }
    case 14: if let link = links.randomElement(using: &random) { try reset(by: link) }
    case 15: if let link = links.randomElement(using: &random) { try follow(link) }
    default: if let link = links.suffix(3).randomElement(using: &random) { try follow(link) }
    }
  }

  private mutating func changeEmail() throws {
    let before = try account()
    let new = Self.addresses.randomElement(using: &random) ?? Self.addresses[0]
    switch try site.requestEmailChange(before.email, to: new) {
    case .changed: try renew()
    case .requested:
      trustAtRequest = trust
      try issue(.changeEmail)
    case .unchanged: break
    }
  }

  private mutating func unconfirm() throws {
    let undone = try Confirm.undo(
      account().email, reason: "test", in: site.store, at: site.now, by: Site.actor)
    if undone.isNew { try renew() }
  }

  private mutating func setPassword() throws {
    // One of few, so that an old password is used again.
    let hash = PasswordHash(stored: "!\(Int.random(in: 0...2, using: &random))")
    _ = try SetPassword.perform(
      account().email, hash, in: site.store, at: site.now, by: Site.actor)
    try renew()
  }

  private mutating func issue(_ purpose: TokenPurpose) throws {
    let issued = try authority.issue(
      purpose, for: [account().email], in: site.store, at: site.now, by: Site.actor)
    guard case .success(let token)? = issued.first else { return }
    links.append(
      Link(
        text: TokenText(Array(token.token.utf8)), address: token.email, purpose: purpose,
        trust: trust))
  }

  /// Links are revoked: no existing link may do anything.
  private mutating func renew() throws {
    trust += 1
    if let fault { try site.store.execute(fault) }
    for link in links.suffix(20) {
      try follow(link)
      try reset(by: link)
    }
  }

  private mutating func follow(_ link: Link) throws {
    if link.trust < trust { trialsOfVoidLinks += 1 }
    let before = try account()
    let done = try? Confirm.byToken(
      link.text, authority: authority, in: site.store, at: site.now, by: Site.actor)
    guard let done, done.isNew else {
      note(try account() == before, "\(link.purpose) has changed an account and not said so")
      return
    }
    use(link)
    note(link.purpose != .reset, "a reset link has confirmed")
    note(done.account.email.utf8.elementsEqual(link.address.utf8), "another address is confirmed")
    note(try account() == done.account, "another account was returned")
    if link.purpose == .changeEmail {
      note(trustAtRequest == trust, "a change that was asked for before has been carried out")
      trust += 1
    }
  }

  private mutating func reset(by link: Link) throws {
    let hash = PasswordHash(stored: "!\(Int.random(in: 0...2, using: &random))")
    guard
      let permission = try? ResetPassword.permission(
        by: link.text, authority: authority, in: site.store, at: site.now)
    else { return }
    _ = try ResetPassword.perform(
      permission, hash, authority: authority, in: site.store, at: site.now, by: Site.actor)
    use(link)
    note(link.purpose == .reset, "a \(link.purpose) link has replaced a password")
    try renew()
  }

  private mutating func use(_ link: Link) {
    uses[link.purpose, default: 0] += 1
    note(link.trust == trust, "a \(link.purpose) link of before has been used")
  }

  private mutating func note(_ isRight: Bool, _ fault: String) {
    if !isRight { wrong.append(fault) }
  }
}

/// The generator of Steele, Lea and Flood, so that a failure can be repeated.
private struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return mixed ^ (mixed >> 31)
  }
}
