import Foundation
import TestSupport
import Testing

/// One fault put into the document, and what the lint must say of it.
struct Fault: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let text: String
    let replacement: String
    let complaint: String

    init(_ name: String, replacing text: String, with replacement: String, complaint: String) {
        testDescription = name
        self.text = text
        self.replacement = replacement
        self.complaint = complaint
    }

    static let all = [
        Fault(
            "no title", replacing: "info:\n  title: heartbeat-facade\n", with: "info:\n",
            complaint: "is a required property"),
        Fault(
            "an example against its schema", replacing: "value: {cancelRequested: false}",
            with: "value: {cancelRequested: 0}", complaint: "the example goOn does not fit its schema"),
        Fault(
            "a problem under another status", replacing: "status: 413", with: "status: 414",
            complaint: "says status 414, but is an answer 413"),
        Fault(
            "a problem that the README has not", replacing: "status: 413", with: "status: 414",
            complaint: "README.md and the document differ about content_too_large 414"),
        Fault(
            "another error's type", replacing: "type: /problems/overloaded", with: "type: /problems/draining",
            complaint: "overloaded: code or type is that of another error"),
        Fault(
            "a code without an example", replacing: "        - overloaded\n",
            with: "        - overloaded\n        - bored\n", complaint: "the code bored has no example"),
        Fault(
            "an example of no code", replacing: "        - overloaded\n", with: "",
            complaint: "the code overloaded is not in ErrorCode"),
        Fault(
            "an operationId used twice", replacing: "operationId: recordHeartbeatByBody",
            with: "operationId: recordHeartbeat", complaint: "the operationId recordHeartbeat is not unique"),
        Fault(
            "an operation without a summary", replacing: "      summary: What an error means\n", with: "",
            complaint: "GET /problems/{code} has no summary"),
        Fault(
            "a tag from nowhere",
            replacing: "tags: [Heartbeats]\n      summary: Record a heartbeat, the task token in the body",
            with: "tags: [Beats]\n      summary: Record a heartbeat, the task token in the body",
            complaint: "the tag Beats is not declared"),
        Fault(
            "an answer without an example",
            replacing: "              examples:\n"
                + "                document: {summary: The document itself, externalValue: /openapi.json}\n", with: "",
            complaint: "GET /openapi.json 200 application/json has no example"),
        Fault(
            "a call that cannot be refused",
            replacing: "        '401': {$ref: '#/components/responses/Unauthenticated'}\n",
            with: "", complaint: "needs credentials, but has no answer 401"),
        Fault(
            "a way to authenticate that there is not", replacing: "  - jwt: [heartbeat]", with: "  - jvt: [heartbeat]",
            complaint: "there is no security scheme jvt"),
        Fault(
            "a member without a description", replacing: "{type: string, description: What it does.}",
            with: "{type: string}", complaint: "components/schemas/FrontPage: the member summary has no description"),
        Fault(
            "values without a type", replacing: "{type: string, const: nosniff}", with: "{const: nosniff}",
            complaint: "components/headers/X-Content-Type-Options/schema has values, but no type"),
        Fault(
            "an answer that may never have more", replacing: "      additionalProperties: true\n", with: "",
            complaint: "says nothing of other members"),
        Fault(
            "a 401 that does not say how",
            replacing: "        WWW-Authenticate: {$ref: '#/components/headers/WWW-Authenticate'}\n",
            with: "", complaint: "components/responses/Unauthenticated has no header WWW-Authenticate"),
        Fault(
            "a change that openapi.json has not", replacing: "summary: This document as YAML", with: "summary: Itself",
            complaint: "openapi.json is not what the YAML says: run make openapi"),
    ]
}

struct DocumentTests {
    private static let directory = "\(Locations.packageRoot)/openapi"

    private static func complaints(_ arguments: [String] = []) throws -> ChildProcess.Output {
        try ChildProcess.run(
            Python.interpreter(), ["\(directory)/lint.py"] + arguments,
            environment: ["PATH": Locations.path, "PYTHONUTF8": "1", "PYTHONDONTWRITEBYTECODE": "1"])
    }

    @Test func `the document is valid and consistent`() throws {
        let output = try Self.complaints()
        #expect(output.standardOutput == "")
        #expect(output.standardError == "")
        #expect(output.exit == .exited(0))
    }

    @Test(arguments: Fault.all) func `the lint finds`(fault: Fault) throws {
        let text = try String(contentsOfFile: "\(Self.directory)/openapi.yaml", encoding: .utf8)
        let range = try #require(text.range(of: fault.text))
        let directory = try TemporaryDirectory()
        let faulty = try directory.write(
            text.replacingCharacters(in: range, with: fault.replacement), to: "openapi.yaml")
        let output = try withExtendedLifetime(directory) { try Self.complaints([faulty]) }
        #expect(output.standardError == "")
        #expect(output.standardOutput.contains(fault.complaint))
        #expect(output.exit == .exited(1))
    }
}
