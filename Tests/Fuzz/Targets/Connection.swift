import HTTP

private let limits: Limits = {
    var limits = Limits()
    (limits.requestLineBytesMax, limits.headerBytesMax, limits.headerCountMax) = (100, 200, 6)
    (limits.bodyBytesMax, limits.chunkLineBytesMax) = (100, 40)
    (limits.chunkExtensionBytesMax, limits.trailerBytesMax) = (60, 60)
    return limits
}()

private let origin = ContinuousClock.Instant.now

/// A connection does the same however its bytes are cut, answers nothing after an error, and ends when it is told to.
@Sendable func checkConnection(_ input: [UInt8]) throws(Violation) {
    let ways = waysToCut(input)
    let actions = try run(input, ends: ways[0])
    for ends in ways.dropFirst() {
        try require(try run(input, ends: ends) == actions, "cut at \(ends), it does something else")
    }
    for (index, action) in actions.enumerated() {
        switch action {
        case .serve(let request):
            try require(request.body.count <= limits.bodyBytesMax, "a body of \(request.body.count) bytes")
        case .reject:
            try require(index == actions.count - 1, "something after an error")
        case .read, .sendContinue, .wait, .close:
            break
        }
    }
    var cuts = Cuts(of: input)
    try interrupt(input, at: cuts.random(input.count + 1), how: cuts.random(3))
}

/// What it is told to do besides reading, and whether it is closed at the end; each response is sent at once.
private func run(_ input: [UInt8], ends: [Int]) throws(Violation) -> [ConnectionState.Action] {
    var state = ConnectionState(limits: limits)
    var (start, actions) = (0, [ConnectionState.Action]())
    for end in ends {
        var action: ConnectionState.Action
        var turns = 0
        repeat {
            let (consumed, next) = state.advance(input[start..<end], at: origin)
            start += consumed
            action = next
            switch action {
            case .serve, .reject:
                actions.append(action)
                try require(state.responseContext != nil, "no context for a response")
                if state.responseSent() == .close { actions.append(.close) }
            case .read, .sendContinue, .wait, .close:
                break
            }
            turns += 1
            try require(start <= end && turns <= 3 * input.count + 3, "it turns in a circle")
            try require(action != .wait, "it waits, with nothing under way")
        } while action != .read && action != .close
    }
    return actions.last == .close ? actions.dropLast() : actions
}

/// The peer goes away, is too slow, or the server stops, in the midst of it.
private func interrupt(_ input: [UInt8], at end: Int, how: Int) throws(Violation) {
    var state = ConnectionState(limits: limits)
    let (consumed, action) = state.advance(input[..<end], at: origin)
    try require(consumed <= end, "more used than there is")
    let isServing = if case .serve = action { true } else { false }
    let next =
        switch how {
        case 0: state.endOfStream()
        case 1: state.timedOut()
        default: state.drain()
        }
    if isServing, how != 1 { try require(state.responseContext?.closes == true, "the last response does not say so") }
    switch next {
    case .reject, .wait:
        try require(state.responseContext?.closes == true, "an error does not close")
        try require(state.responseSent() == .close, "not closed after its last response")
    case .read:
        try require(how == 2, "nobody is there to read from")
        return
    case .close:
        break
    case .serve, .sendContinue:
        throw Violation(description: "\(next) from nowhere")
    }
    try require(state.advance(input[...], at: origin).action == .close, "not closed in the end")
    try require(state.awaited == nil && state.timeout == nil, "it waits for something after its end")
}
