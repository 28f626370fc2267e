/// What a token may say and how a script is written.
let helpText = """
    POST / takes RecordActivityTaskHeartbeat and RespondActivityTaskCanceled as SWF does, AWS Signature Version 4 \
    included; after the latter a task is unknown. GET /calls tells what came (total, byOperation, byAnswer, \
    connections, the last call and the last \(CallLog.callsMax)), DELETE /calls forgets it, GET /health answers 200.

    POST /tasks with {"taskTokens": ["…"]} begins tasks, whose heartbeat timeout runs from then on; of others it runs \
    from their first heartbeat. POST /cancellations, with the same body, asks for tasks' cancellation. GET /tasks \
    tells how many are open, how many timed out, and of how many the cancellation was asked for.

    A request is refused as SWF refuses it: for its target or content type, its signature, its members' limits, and \
    where --rate or --heartbeat-timeout say so, in this order. What it gets else is decided by the script, then by a \
    cancellation that was asked for, then by the token, and is cancelRequested false otherwise.

    A TOKEN says what it wants if it is the standard base64 of one of these words, with or without a # and anything \
    after it, which makes tokens distinct (base64 of "cancel#17"):

    \(wordList)

    A SCRIPT is a JSON file: a list of rules, of which the first counts that has the call's token or "*", and its \
    operation or none. The answers go out in order and the last one repeats. An answer is one of the words above, or \
    a status, headers and a body; latencyMs, with either, is how long it takes:

      [{"token": "AAAAKg==",
        "answers": [{"kind": "throttle"}, {"kind": "ok", "latencyMs": 20}]},
       {"token": "*", "operation": "RespondActivityTaskCanceled",
        "answers": [{"status": 400, "headers": {"X": "Y"}, "body": "{}"}]}]
    """

private let wordList: String = {
    let words = Words.entries.map { ($0.word, $0.meaning) } + Words.patterns.map { ($0.word, $0.meaning) }
    let width = words.map(\.0.count).max() ?? 0
    return words.map { word, meaning in
        "  \(word)\(String(repeating: " ", count: width - word.count))  \(meaning)"
    }.joined(separator: "\n")
}()
