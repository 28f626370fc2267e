import AWSConfiguration
import Heartbeat
import Testing

/// The same files go to botocore and to us: both read the same in them, or both refuse them.
struct SharedFilesTests {
    private static let generatedCount = 4000

    @Test func `what people and editors write`() throws {
        let pairs =
            FileSamples.config.map { FilePair(config: $0) }
            + FileSamples.credentials.map { FilePair(credentials: $0) } + FileSamples.pairs
        #expect(pairs.count >= 40)
        let refused = try Self.compare(pairs)
        #expect((15...(pairs.count - 25)).contains(refused), "\(refused)")
    }

    @Test func `generated files`() throws {
        var generator = FileGenerator(seed: 2012)
        let pairs = (0..<Self.generatedCount).map { _ in generator.next() }
        let refused = try Self.compare(pairs)
        // Enough of either kind for the comparison to mean something.
        #expect((Self.generatedCount / 5...Self.generatedCount * 4 / 5).contains(refused), "\(refused)")
    }

    /// - Returns: how many are refused.
    private static func compare(_ pairs: [FilePair]) throws -> Int {
        let theirs = try Botocore.run("files", pairs, as: ReadFiles?.self)
        try #require(theirs.count == pairs.count)
        for (pair, their) in zip(pairs, theirs) {
            let ours = Result { () throws(SharedConfigurationFault) in
                try SharedConfiguration(config: pair.config, credentials: pair.credentials)
            }
            #expect((try? ours.get()).map(ReadFiles.init) == their, "\(pair): \(ours)")
        }
        return theirs.count { $0 == nil }
    }

    @Test(arguments: [
        (FilePair(config: "region = a"), "AWS config file, line 1: a setting before the first [section]"),
        (
            FilePair(credentials: "\n[a]\nkey SECRET\n"),
            "AWS credentials file, line 3: neither [SECTION] nor NAME = VALUE"
        ),
        (FilePair(config: "[a]\n= SECRET\n"), "AWS config file, line 2: neither [SECTION] nor NAME = VALUE"),
        (FilePair(config: "[a]\r\n[b]\r\n[a]"), "AWS config file, line 3: the section [a] is there a second time"),
        (
            FilePair(credentials: "[a]\nKey = SECRET\nkey = SECRET"),
            "AWS credentials file, line 3: the setting key is there a second time in [a]"
        ),
        (
            FilePair(config: "[a]\n\ns3 =\n  SECRET\n"),
            "AWS config file, line 3: an indented line under s3 is not NAME = VALUE"
        ),
        (
            FilePair(config: String(repeating: "#", count: SharedConfiguration.fileBytesMax + 1)),
            "AWS config file: it is larger than 1048576 bytes; is it the right file?"
        ),
    ])
    func `a fault names the file and the line, and no value`(pair: FilePair, text: String) throws {
        let fault = try #require(throws: SharedConfigurationFault.self) {
            try SharedConfiguration(config: pair.config, credentials: pair.credentials)
        }
        #expect("\(fault)" == text)
    }

    @Test func `a file of the limit's size is read`() throws {
        let text = "[default]\n#" + String(repeating: "x", count: SharedConfiguration.fileBytesMax - 11)
        #expect(text.utf8.count == SharedConfiguration.fileBytesMax)
        #expect(try SharedConfiguration(config: text, credentials: nil).profile("default") != nil)
    }

    /// Swift's strings do not tell these two spellings of é apart, botocore's do; who has both means one profile.
    @Test func `two spellings of one character are one name`() {
        #expect(throws: SharedConfigurationFault.self) {
            try SharedConfiguration(config: nil, credentials: "[\u{E9}]\n[e\u{301}]\n")
        }
    }

    @Test(arguments: [
        (["HOME": "/h"], "/h/.aws/config", "/h/.aws/credentials"),
        (["HOME": "/h/"], "/h/.aws/config", "/h/.aws/credentials"),
        ([:], nil, nil), (["AWS_CONFIG_FILE": "/c"], "/c", nil),
        (["HOME": "/h", "AWS_CONFIG_FILE": "~/c", "AWS_SHARED_CREDENTIALS_FILE": "~"], "/h/c", "/h"),
        (["HOME": "/", "AWS_CONFIG_FILE": "~", "AWS_SHARED_CREDENTIALS_FILE": "~/c"], "/", "/c"),
        (["HOME": "/h", "AWS_CONFIG_FILE": "", "AWS_SHARED_CREDENTIALS_FILE": ""], nil, nil),
        (
            ["HOME": "/h", "A": "/a", "AWS_CONFIG_FILE": "$A/c", "AWS_SHARED_CREDENTIALS_FILE": "${A}b/$B$/${"], "/a/c",
            "/ab/$B$/${"
        ),
        (["A": "~", "HOME": "/h", "AWS_CONFIG_FILE": "$A/c", "AWS_SHARED_CREDENTIALS_FILE": "x/~"], "/h/c", "x/~"),
    ])
    func `where the files are`(environment: [String: String], config: String?, credentials: String?) {
        let paths = SharedConfiguration.paths(environment: environment)
        #expect(paths.config == config)
        #expect(paths.credentials == credentials)
    }
}
