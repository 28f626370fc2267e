import HTTP
import Heartbeat

/// What is accepted as a token has no control character and its length, and is the same again once encoded.
@Sendable func checkPath(_ input: [UInt8]) throws(Violation) {
    let route = Route(method: .post, path: input[...])
    if case .heartbeat(let encoded?) = route {
        try require(input.starts(with: "/tasks/".utf8), "a token of another path")
        try checkToken(encoded)
        let path = Array("/tasks/".utf8) + encoded + Array("/heartbeat".utf8)
        try require(Route(method: .post, path: path[...]) == route, "the token is elsewhere once written out")
        try require(isMethodNotAllowed(Route(method: .get, path: input[...])), "GET of a heartbeat")
    }
    try checkToken(input[...])
}

private func checkToken(_ encoded: ArraySlice<UInt8>) throws(Violation) {
    guard let token = try? TaskToken(percentEncoded: encoded) else { return }
    let scalars = token.secret.unicodeScalars
    try require((1...TaskToken.charactersMax).contains(scalars.count), "a token of \(scalars.count) characters")
    try require(!scalars.contains { $0.properties.generalCategory == .control }, "a control character in a token")
    let again = token.secret.utf8.flatMap { byte in
        let digits = String(byte, radix: 16)
        return Array((digits.utf8.count == 1 ? "%0" : "%").utf8) + Array(digits.utf8)
    }
    let same = try? TaskToken(percentEncoded: again[...])
    try require(same?.secret.utf8.elementsEqual(token.secret.utf8) == true, "another token once encoded")
    if !encoded.contains(UInt8(ascii: "%")) {
        try require(token.secret.utf8.elementsEqual(encoded), "a token changed without encoding")
    }
    try require("\(token)" == "<task token>", "a token shows itself")
}

private func isMethodNotAllowed(_ route: Route) -> Bool {
    if case .methodNotAllowed = route { true } else { false }
}
