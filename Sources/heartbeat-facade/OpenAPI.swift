import ArgumentParser
import COpenAPI

struct OpenAPI: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "openapi", abstract: "Print the OpenAPI document of the HTTP API.")

    @Flag(help: "As JSON instead of YAML.")
    var json = false

    func run() {
        printResult(String(decoding: json ? OpenAPIDocument.json : OpenAPIDocument.yaml, as: UTF8.self))
    }
}

/// The documents that were compiled in.
enum OpenAPIDocument {
    static let yaml = unsafe [UInt8](UnsafeBufferPointer(start: openapi_yaml(), count: openapi_yaml_length()))
    static let json = unsafe [UInt8](UnsafeBufferPointer(start: openapi_json(), count: openapi_json_length()))
}
