import Foundation

/// A file of the package as the rules see it.
struct SourceFile: Sendable {
    /// Relative to the package's root.
    let path: String
    let text: String
    /// The text with comments, and what stands in string literals and raw identifiers, blanked out; lines and
    /// offsets stay.
    let code: String

    init(path: String, text: String) {
        self.path = path
        self.text = text
        code = CodeScanner.blanked(text)
    }

    var lines: [Substring] {
        text.split(separator: "\n", omittingEmptySubsequences: false)
    }

    /// The first folder under `Sources` or `Tests`.
    var folder: String {
        path.split(separator: "/").dropFirst().first.map(String.init) ?? ""
    }
}

extension SourceFile {
    static let packageRoot = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path

    static func load(_ path: String) throws -> SourceFile {
        SourceFile(path: path, text: try String(contentsOfFile: "\(packageRoot)/\(path)", encoding: .utf8))
    }

    /// All Swift files of the package, its dependencies' not among them.
    static func all() throws -> [SourceFile] {
        try loaded.get()
    }

    private static let loaded = Result {
        let paths = try ["Sources", "Tests"].flatMap { folder in
            try FileManager.default.subpathsOfDirectory(atPath: "\(packageRoot)/\(folder)")
                .filter { $0.hasSuffix(".swift") }
                .map { "\(folder)/\($0)" }
        }
        return try (["Package.swift"] + paths.sorted()).map(load)
    }

    static func folders(in folder: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: "\(packageRoot)/\(folder)").sorted()
            .filter { name in
                var isDirectory: ObjCBool = false
                let path = "\(packageRoot)/\(folder)/\(name)"
                return FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) && isDirectory.boolValue
            }
    }
}
