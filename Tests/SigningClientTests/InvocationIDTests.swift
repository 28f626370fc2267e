import EventLoop
import TestSupport
import Testing

@testable import SigningClient

@Suite(.timeLimit(.minutes(10)))
struct InvocationIDTests {
    @Test func `is a UUID of version 4, whatever the bits`() {
        #expect(InvocationID(0, 0).text == "00000000-0000-4000-8000-000000000000")
        #expect(InvocationID(.max, .max).text == "ffffffff-ffff-4fff-bfff-ffffffffffff")
        #expect(
            InvocationID(0x0123_4567_89AB_CDEF, 0xFEDC_BA98_7654_3210).text == "01234567-89ab-4def-bedc-ba9876543210")
    }

    @Test func `is one for all attempts of a call, and another one for each call`() throws {
        let server = try StubServer { [.send($0.number % 2 == 1 ? answerText(500) : answerText())] }
        try EventLoop.run { [url = server.url] loop in
            let client = try SigningClient.make(url, attemptsMax: 2, on: loop)
            for _ in 0..<2 { #expect(await client.call().status == 200) }
        }
        let ids = server.requests.flatMap { $0.values(of: "amz-sdk-invocation-id") }
        try #require(ids.count == 4)
        #expect(ids[0] == ids[1] && ids[2] == ids[3] && ids[0] != ids[2])
        let attempts = server.requests.flatMap { $0.values(of: "amz-sdk-request") }
        #expect(attempts == ["attempt=1; max=2", "attempt=2; max=2", "attempt=1; max=2", "attempt=2; max=2"])
    }
}
