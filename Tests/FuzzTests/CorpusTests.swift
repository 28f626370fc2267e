import Foundation
import FuzzTargets
import TestSupport
import Testing

extension FuzzTarget: CustomTestStringConvertible {
    public var testDescription: String { name }
}

struct CorpusTests {
    @Test(arguments: FuzzTarget.all)
    func `what was ever interesting keeps the target's properties`(_ target: FuzzTarget) throws {
        let files = try corpusFiles(target.name)
        #expect(files.count > 10)
        for file in files {
            let input = [UInt8](try Data(contentsOf: file))
            #expect(throws: Never.self, "\(file.lastPathComponent)") { try target.check(input) }
            // Its beginnings too: a parser stops at every byte.
            for length in 0..<min(input.count, 200) {
                #expect(throws: Never.self, "\(file.lastPathComponent), \(length) bytes") {
                    try target.check(Array(input[..<length]))
                }
            }
        }
    }

    @Test func `the corpus has a folder for each target and nothing else`() throws {
        let folders = try FileManager.default.contentsOfDirectory(
            atPath: "\(Locations.packageRoot)/Tests/Fuzz/corpus")
        #expect(folders.sorted() == FuzzTarget.all.map(\.name).sorted())
    }
}
