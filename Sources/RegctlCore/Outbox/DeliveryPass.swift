internal import SQL

/// A delivery pass: claims due mails in windows, sends them and records the results.
///
/// Results are recorded as they arrive, with the next claims if there are any. While some are being
/// recorded, others arrive. If the process is killed, only mails without a recorded result can be sent
/// twice, of which there are at most as many as the transport says.
struct DeliveryPass {
  private let store: Store
  private let reopen: () throws(RegctlError) -> Store
  private let assembler: MailAssembler
  private var transport: any MailTransport
  private let watch: DeliveryWatch
  private let clock: () -> Instant
  private let start: Instant
  private let deadline: DeliveryDeadline?

  /// Claimed mails that were not submitted yet, the next one last.
  private var ready: [MailAssembler.Claim] = []
  private var inFlight: [(id: MailID, claim: MailAssembler.Claim, token: String)] = []

  /// The tokens of mails that were in flight recently.
  private var pastTokens: [String] = []
  private var unrecorded: [MailResult] = []

  /// The results that are being recorded; of mails that were accepted.
  private var recording: Recording?

  private var window: Int
  private var windowBegan = ContinuousClock.now
  private var horizon: DueHorizon
  private var foundAll = false

  /// The mails processed in this pass; none is processed twice.
  private var taken: Set<MailID> = []

  private var blame = RefusalBlame<MailAssembler.Claim>()
  private var brake: FloodBrake
  private let pace: Pace

  /// The number of mails listed as queued by an index that were not queued, or already processed.
  private var unexplained = 0
  private var summary = DeliverySummary()

  /// How a mail ended.
  private typealias MailResult = (
    claim: MailAssembler.Claim, verdict: DeliveryVerdict, at: Instant
  )

  private struct Recording {
    let results: [MailResult]
    let mails: [Store.SentMail]
    let commit: any PendingCommit
  }

  /// The maximum time between checks whether results are recorded.
  private static let recordingWait = Duration.milliseconds(1)

  /// The maximum time between checks whether to continue.
  private static let longestWait = Duration.milliseconds(100)

  /// The number of tokens of earlier mails that are masked as well.
  private static let pastTokenCount = 16

  init(
    store: Store, reopen: @escaping () throws(RegctlError) -> Store, assembler: MailAssembler,
    transport: any MailTransport, limits: DeliveryLimits = DeliveryLimits(),
    watch: @escaping DeliveryWatch, clock: @escaping () -> Instant,
    deadline: DeliveryDeadline? = nil
  ) {
    self.store = store
    self.reopen = reopen
    self.assembler = assembler
    self.transport = transport
    self.watch = watch
    self.clock = clock
    self.deadline = deadline
    brake = FloodBrake(factor: limits.floodFactor)
    pace = Pace(mailsPerHour: limits.mailsPerHour)
    start = clock()
    horizon = DueHorizon(start: start)
    window = min(8, transport.longestWindow)
  }

  /// Runs until no mail is due within the next second, `limit` is reached, the transport is
  /// unavailable, the time limit passes, or the observer stops the pass.
  ///
  /// When the connection to the database is lost, the results of the mails in flight are awaited and
  /// recorded over another one, if there is one within `reopeningTime`, and the error is thrown.
  mutating func run(_ selection: Deliverer.Selection) throws(RegctlError) -> DeliverySummary {
    do throws(RegctlError) {
      return try runToEnd(selection)
    } catch {
      guard case .store(let fault) = error, fault.endsConnection else { throw error }
      recordLate()
      throw error
    }
  }

  private mutating func runToEnd(
    _ selection: Deliverer.Selection
  ) throws(RegctlError) -> DeliverySummary {
    try setAsideNeverDue(selection)
    while true {
      let goesOn =
        transport.fault == nil && blame.conclusion == nil && !isOutboxDamaged && watch(summary)
        && !isLate(for: deadline?.lastStart)
      let claims =
        goesOn && ready.isEmpty && !foundAll && !horizon.isWaiting
        && (transport.wantsMail || inFlight.isEmpty)
      if claims { try claim(selection) } else { try record() }
      if goesOn { handOver() } else { transport.recall() }
      if inFlight.isEmpty, !goesOn || ready.isEmpty {
        if !goesOn || foundAll { break }
        horizon.sleep(atMost: Self.longestWait)
        continue
      }
      if isLate(for: deadline?.end) { transport.cut() }
      step()
    }
    summary.isOutOfTime = isLate(for: deadline?.lastStart) && !(foundAll && ready.isEmpty)
    releaseHeld(atEnd: true)
    try finishRecording()
    try putBack()
    transport.close(by: deadline?.end)
    summary.stopped =
      transport.fault?.excerpt(hiding: mask) ?? (isOutboxDamaged ? .outboxDamaged : nil)
      ?? blame.conclusion.map { .declined(reply: $0) }
    return summary
  }

  /// Waits for results, or for those that are being recorded.
  private mutating func step() {
    let wait = recording == nil ? Self.longestWait : Self.recordingWait
    for (id, verdict) in transport.step(until: .now + wait, unrecorded: uncertainCount) {
      settle(id, verdict)
    }
  }

  private func isLate(for moment: ContinuousClock.Instant?) -> Bool {
    moment.map { $0 <= .now } ?? false
  }

  /// A single case may be a coincidence; after a second one the index is not trusted.
  private var isOutboxDamaged: Bool { unexplained > 1 }

  /// Ends queued mails with an invalid due time.
  private mutating func setAsideNeverDue(_ selection: Deliverer.Selection) throws(RegctlError) {
    guard case .due = selection else { return }
    let ids = try store.mailsNeverDue()
    if ids.isEmpty { return }
    let now = clock()
    try store.transaction { () throws(RegctlError) in
      for id in ids {
        _ = try store.setAside(id, reply: "the moment of the next attempt is not a time", at: now)
      }
    }
    summary.results += ids.map { DeliverySummary.MailResult(id: $0, state: .failed) }
  }

  /// Records results, and marks the next mails as being sent, before they are.
  private mutating func claim(_ selection: Deliverer.Selection) throws(RegctlError) {
    try awaitRecording()
    let now = clock()
    adaptWindow()
    var count = 1
    if case .due(let limit) = selection {
      count = min(window, limit - summary.results.count - inFlight.count)
    }
    guard count > 0 else {
      foundAll = true
      return
    }
    let window = try store.transaction { () throws(RegctlError) in
      try store.requireDeliveryRight()
      try recordAll()
      var brake = brake
      var held = 0
      if case .due = selection { held = try brake.hold(in: store, at: now) }
      let allowance = try pace.allowance(withClaimed: inFlight.count, in: store, at: now)
      var window = try claimMails(selection, limit: min(count, allowance), at: now)
      window.brake = brake
      window.held = held
      window.isPaced = allowance < count && window.found == allowance
      return window
    }
    if let brake = window.brake { self.brake = brake }
    unrecorded = []
    summary.held += window.held
    summary.isPaced = window.isPaced
    summary.results += window.ended
    unexplained += window.unexplained
    taken.formUnion(window.claims.map(\.entry.id) + window.ended.map(\.id))
    ready = window.claims.reversed()
    foundAll = try isEmptied(selection, by: window, of: count)
  }

  /// Whether a window holds the last mails of the pass; if not, the next ones may have to wait.
  private mutating func isEmptied(
    _ selection: Deliverer.Selection, by window: Window, of count: Int
  ) throws(RegctlError) -> Bool {
    if case .only = selection { return true }
    if window.isPaced { return true }
    guard window.found < count else { return false }
    return try !horizon.extend(to: store.nextAttempt(), at: clock())
  }

  private func waitingMails(
    _ selection: Deliverer.Selection, limit: Int
  ) throws(RegctlError) -> [Store.WaitingMail] {
    switch selection {
    case .due: return try store.mailsDue(at: horizon.moment, limit: limit)
    case .only(let id):
      guard let mail = try store.mail(id), mail.state == .queued else { return [] }
      return [.readable(mail)]
    }
  }

  /// The results of mails that were claimed together.
  private struct Window {
    var found = 0
    var claims: [MailAssembler.Claim] = []
    var ended: [DeliverySummary.MailResult] = []
    var unexplained = 0

    /// The brake, which may have learnt the usual number of confirmations.
    var brake: FloodBrake?

    /// The number of mails that are held from now on.
    var held = 0

    /// Whether there were no more because of the limit of an hour.
    var isPaced = false
  }

  /// Claims the next mails; call it in a transaction.
  private func claimMails(
    _ selection: Deliverer.Selection, limit: Int, at now: Instant
  ) throws(RegctlError) -> Window {
    var window = Window()
    let mails = try waitingMails(selection, limit: limit)
    window.found = mails.count
    let recipients = try readableRecipients(of: mails)
    var wanted: [MailAssembler.Claim] = []
    for mail in mails {
      let decision = try decision(on: mail, among: recipients, at: now)
      if case .claim(let claim) = decision {
        wanted.append(claim)
      } else {
        try carryOut(decision, into: &window, at: now)
      }
    }
    try begin(wanted, into: &window, at: now)
    return window
  }

  /// The recipients of mails, read together; `nil` when a row about one of them is invalid.
  private func readableRecipients(
    of mails: [Store.WaitingMail]
  ) throws(RegctlError) -> [AccountID: MailRecipient]? {
    var entries: [OutboxEntry] = []
    for case .readable(let entry) in mails { entries.append(entry) }
    do throws(RegctlError) {
      return try store.recipients(of: entries)
    } catch .store(.malformed) {
      return nil
    }
  }

  /// Marks wanted mails as being sent.
  private func begin(
    _ claims: [MailAssembler.Claim], into window: inout Window, at now: Instant
  ) throws(RegctlError) {
    if claims.isEmpty { return }
    for claim in claims where claim.messageID != claim.entry.messageID {
      try store.setMessageID(of: claim.entry.id, to: claim.messageID)
    }
    var begun = try store.beginAttempts(claims.map(\.entry.id))
    for claim in claims {
      // An index may list a mail twice.
      if begun.remove(claim.entry.id) != nil {
        window.claims.append(try assembler.storingToken(of: claim, in: store, at: now))
      } else {
        window.unexplained += 1
      }
    }
  }

  /// Carries out a decision not to send a mail.
  private func carryOut(
    _ decision: Decision, into window: inout Window, at now: Instant
  ) throws(RegctlError) {
    switch decision {
    case .claim: preconditionFailure("a wanted mail is sent")
    case .end(let id, let state, let reason):
      try store.finish(id, as: state, reply: reason, at: now)
      window.ended.append(DeliverySummary.MailResult(id: id, state: state))
    case .setAside(let id, let row):
      if try store.setAside(id, reply: row.description, at: now) {
        window.ended.append(DeliverySummary.MailResult(id: id, state: .failed))
      } else {
        window.unexplained += 1
      }
    case .postpone(let entry, let reason):
      if try !store.beginAttempts([entry.id]).isEmpty {
        let next = RetrySchedule.nextAttempt(after: entry.attempts + 1, at: max(now, start))
        try store.deferMail(
          entry.id, reply: reason, isPossibleDuplicate: false, at: now, until: next)
        window.ended.append(DeliverySummary.MailResult(id: entry.id, state: .queued))
      } else {
        window.unexplained += 1
      }
    case .unexplained:
      window.unexplained += 1
    }
  }

  /// The decision on a mail that an index lists as queued.
  private enum Decision {
    case claim(MailAssembler.Claim)
    case end(MailID, OutboxEntry.State, reason: String)
    /// Its row, or a row about its account, is invalid.
    case setAside(MailID, MalformedRow)
    /// A library that its address needs cannot be loaded, which stops no other mail.
    case postpone(OutboxEntry, reason: String)
    /// It is not queued, or was already processed in this pass.
    case unexplained
  }

  private func decision(
    on mail: Store.WaitingMail, among recipients: [AccountID: MailRecipient]?, at now: Instant
  ) throws(RegctlError) -> Decision {
    switch mail {
    case .malformed(let id, let row): return .setAside(id, row)
    case .readable(let entry):
      guard entry.state == .queued, !taken.contains(entry.id) else { return .unexplained }
      do throws(RegctlError) {
        let recipients = if let recipients { recipients } else { try store.recipients(of: [entry]) }
        return
          switch try assembler.decide(
            on: entry, to: recipients[entry.account], in: store, at: now)
        {
        // The server's last words say more than that time is up.
        case .ended(.expired, let reason):
          .end(entry.id, .expired, reason: entry.lastReply ?? reason)
        case .ended(let state, let reason): .end(entry.id, state, reason: reason)
        case .wanted(let claim): .claim(claim)
        }
      } catch .store(.malformed(let row)) {
        return .setAside(entry.id, row)
      } catch .address(let error) {
        guard case .library(let reason) = error.fault else { throw .address(error) }
        return .postpone(entry, reason: "libidn2 cannot be loaded: \(reason)")
      }
    }
  }

  /// Adjusts the window to the number of mails sent in about a quarter of a second.
  private mutating func adaptWindow() {
    let now = ContinuousClock.now
    let elapsed = now - windowBegan
    windowBegan = now
    if elapsed < .milliseconds(250) {
      window = min(window * 2, transport.longestWindow)
    } else if elapsed > .seconds(1) {
      window = min(max(window / 2, 4), transport.longestWindow)
    }
  }

  private mutating func handOver() {
    transport.open(for: ready.count)
    while transport.wantsMail, let claim = ready.popLast() {
      let (mail, token) = assembler.compose(claim, at: clock())
      inFlight.append((claim.entry.id, claim, token))
      transport.submit(mail)
    }
  }

  private mutating func settle(_ id: MailID, _ verdict: DeliveryVerdict) {
    guard let index = inFlight.firstIndex(where: { $0.id == id }) else {
      preconditionFailure("a verdict on a mail that was not handed over")
    }
    let (_, claim, token) = inFlight.remove(at: index)
    // A server may quote a mail in a later reply.
    if pastTokens.count == Self.pastTokenCount { pastTokens.removeFirst() }
    pastTokens.append(token)
    if verdict == .returned {
      ready.append(claim)
      return
    }
    let excerpt = verdict.excerpt(hiding: mask)
    switch excerpt {
    case .refused(let reply):
      switch blame.judge(reply) {
      case .recipient: note(claim, excerpt, at: clock())
      case .here: note(claim, .declined(reply), at: clock())
      case .unclear: blame.hold(claim, reply, at: clock())
      }
    case .sent:
      blame.noteAcceptance()
      note(claim, excerpt, at: clock())
    case .deferred, .declined, .returned: note(claim, excerpt, at: clock())
    }
    releaseHeld(atEnd: false)
  }

  /// Keeps a result until it is recorded.
  private mutating func note(
    _ claim: MailAssembler.Claim, _ verdict: DeliveryVerdict, at moment: Instant
  ) {
    unrecorded.append((claim, verdict, moment))
    summary.results.append(
      DeliverySummary.MailResult(id: claim.entry.id, state: Self.state(after: verdict)))
  }

  /// Notes the refusals whose fault is known now.
  private mutating func releaseHeld(atEnd isEnd: Bool) {
    let (held, areHere) = blame.release(atEnd: isEnd)
    for mail in held {
      note(mail.claim, areHere ? .declined(mail.reply) : .refused(mail.reply), at: mail.at)
    }
  }

  /// Masks the tokens of all mails that the server may quote.
  private var mask: TokenMask { TokenMask(pastTokens + inFlight.map(\.token)) }

  private static func state(after verdict: DeliveryVerdict) -> OutboxEntry.State {
    switch verdict {
    case .sent: .sent
    case .deferred, .declined, .returned: .queued
    case .refused: .failed
    }
  }

  // MARK: Recording

  /// The number of results that are lost if the process is killed now.
  private var uncertainCount: Int {
    guard let recording, !recording.commit.outlivesProcess else { return unrecorded.count }
    return unrecorded.count + recording.results.count
  }

  /// Records results, or begins to. While earlier ones are being recorded, as many may wait for that
  /// as the transport lets be uncertain.
  private mutating func record() throws(RegctlError) {
    if let recording {
      if !recording.commit.isDone, uncertainCount < transport.maximumUncertain { return }
      try awaitRecording()
    }
    if unrecorded.isEmpty { return }
    if let sent, pace.mailsPerHour == nil {
      recording = Recording(
        results: unrecorded, mails: sent, commit: try store.beginRecording(sent))
    } else {
      try store.transaction { () throws(RegctlError) in try recordAll() }
    }
    unrecorded = []
  }

  /// Records all results.
  private mutating func finishRecording() throws(RegctlError) {
    try awaitRecording()
    try record()
    try awaitRecording()
  }

  /// Waits until the results that are being recorded are.
  private mutating func awaitRecording() throws(RegctlError) {
    guard let recording else { return }
    self.recording = nil
    do throws(RegctlError) {
      try store.finishRecording(recording.mails, by: recording.commit)
    } catch {
      unrecorded = recording.results + unrecorded
      throw error
    }
  }

  /// The mails whose results are to be recorded, if all were accepted.
  private var sent: [Store.SentMail]? {
    var mails: [Store.SentMail] = []
    for (claim, verdict, moment) in unrecorded {
      guard case .sent(let reply) = verdict else { return nil }
      mails.append(Store.SentMail(id: claim.entry.id, reply: reply, at: moment))
    }
    return mails
  }

  private func recordAll() throws(RegctlError) {
    var sentCount = 0
    for (claim, verdict, moment) in unrecorded {
      switch verdict {
      case .sent(let reply):
        try store.finish(claim.entry.id, as: .sent, reply: reply, at: moment)
        sentCount += 1
      case .refused(let reply):
        try store.fail(claim.entry.id, reply: reply, at: moment)
      case .declined(let reply):
        try store.deferUncounted(
          claim.entry.id, reply: reply, at: moment, until: dueAgain(claim.entry, at: moment))
      case .deferred(let reply, let isPossibleDuplicate):
        // Later than the horizon even if the clock is set back, to avoid a second attempt.
        let next = RetrySchedule.nextAttempt(
          after: claim.entry.attempts + 1, at: max(moment, start))
        try store.deferMail(
          claim.entry.id, reply: reply, isPossibleDuplicate: isPossibleDuplicate, at: moment,
          until: next)
      case .returned:
        break
      }
    }
    if let last = unrecorded.last { try pace.count(sentCount, in: store, at: last.at) }
  }

  /// When a mail that was declined is due again; later than the horizon even if the clock is set back.
  private func dueAgain(_ entry: OutboxEntry, at moment: Instant) -> Instant {
    RetrySchedule.nextAttempt(ofMailQueuedAt: entry.queuedAt, at: max(moment, start))
  }

  /// How long another connection is sought after one was lost.
  private static let reopeningTime = Duration.seconds(10)

  /// Awaits the results of the mails in flight and records them over another connection. Without
  /// one, the next pass requeues the mails and marks them as possible duplicates.
  private mutating func recordLate() {
    if let recording { unrecorded = recording.results + unrecorded }
    recording = nil
    transport.recall()
    while !inFlight.isEmpty {
      if isLate(for: deadline?.end) { transport.cut() }
      // Nothing is recorded meanwhile, and the mails that are being sent shall end.
      for (id, verdict) in transport.step(until: .now + Self.longestWait, unrecorded: 0) {
        settle(id, verdict)
      }
    }
    releaseHeld(atEnd: true)
    transport.close(by: deadline?.end)
    let limit = ContinuousClock.now + Self.reopeningTime
    repeat {
      if let store = try? reopen() {
        // A second loss leaves the mails as they are.
        try? store.transaction { () throws(RegctlError) in try recordAllLate(in: store) }
        return
      }
      horizon.sleep(atMost: Self.longestWait)
    } while ContinuousClock.now < limit
  }

  private func recordAllLate(in store: Store) throws(RegctlError) {
    for (claim, verdict, moment) in unrecorded {
      let attempt = claim.entry.attempts + 1
      switch verdict {
      case .sent(let reply), .refused(let reply):
        try store.finishLate(
          claim.entry.id, attempt: attempt, as: Self.state(after: verdict), reply: reply,
          at: moment)
      case .declined(let reply):
        try store.deferUncountedLate(
          claim.entry.id, attempt: attempt, reply: reply, at: moment,
          until: dueAgain(claim.entry, at: moment))
      case .deferred(let reply, let isPossibleDuplicate):
        let next = RetrySchedule.nextAttempt(after: attempt, at: max(moment, start))
        try store.deferLate(
          claim.entry.id, attempt: attempt, reply: reply, isPossibleDuplicate: isPossibleDuplicate,
          at: moment, until: next)
      case .returned:
        break
      }
    }
    for claim in ready {
      try store.withdrawLate(claim.entry.id, attempt: claim.entry.attempts + 1, due: clock())
    }
  }

  /// Requeues claimed mails that were not submitted, after all other due mails.
  private mutating func putBack() throws(RegctlError) {
    if ready.isEmpty { return }
    let now = clock()
    try store.transaction { () throws(RegctlError) in
      for claim in ready { try store.withdrawAttempt(claim.entry.id, due: now) }
    }
    ready = []
  }
}
