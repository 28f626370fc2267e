import Foundation
import Heartbeat
import TestSupport
import Testing

/// The parts of openapi.json that tell of errors.
private struct Document: Decodable {
    struct Problem: Decodable {
        var type: String
        var title: String
        var status: Int
        var code: String
        var retryable: Bool
    }

    struct Response: Decodable {
        struct Content: Decodable {
            struct Example: Decodable { var value: Problem }
            var examples: [String: Example]?
        }

        struct Header: Decodable {}

        var headers: [String: Header]?
        var content: [String: Content]
    }

    /// Only responses made of problems decode.
    struct Lenient: Decodable {
        var response: Response?
        init(from decoder: any Decoder) { response = try? Response(from: decoder) }
    }

    struct Components: Decodable { var responses: [String: Lenient] }
    var components: Components

    static func load() throws -> Document {
        let path = "\(Locations.packageRoot)/openapi/openapi.json"
        return try JSONDecoder().decode(Document.self, from: Data(contentsOf: URL(fileURLWithPath: path)))
    }

    /// Each problem that is somebody's example, with the headers that its response has.
    var problems: [(problem: Problem, headers: Set<String>)] {
        components.responses.values.compactMap(\.response).flatMap { response in
            (response.content["application/problem+json"]?.examples ?? [:]).values.map {
                ($0.value, Set((response.headers ?? [:]).keys))
            }
        }
    }
}

struct CatalogueTests {
    @Test func `the document has the codes of the catalogue`() throws {
        let documented = Set(try Document.load().problems.map(\.problem.code))
        #expect(documented == Set(ErrorCode.allCases.map(\.rawValue)))
    }

    @Test(arguments: ErrorCode.allCases) func `the document says the same`(of code: ErrorCode) throws {
        let found = try Document.load().problems.filter { $0.problem.code == code.rawValue }
        try #require(!found.isEmpty)
        for (problem, headers) in found {
            #expect(problem.status == code.status)
            #expect(problem.title == code.title)
            #expect(problem.type == code.path)
            #expect(problem.retryable == code.isRetryable)
            if code.retryAfterDefault != nil { #expect(headers.contains("Retry-After")) }
        }
    }
}
