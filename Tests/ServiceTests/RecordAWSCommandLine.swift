import Foundation
import TestSupport

/// The AWS CLI, many command lines in one process: it takes long to start.
enum AWSCommandLine {
    struct Result: Decodable {
        var code: Int
        var standardOutput: String
        var standardError: String
    }

    /// Runs `aws` with each of these lists of arguments.
    static func run(_ commands: [[String]], environment: [String: String]) throws -> [Result] {
        let directory = try TemporaryDirectory("awscli")
        let input = try directory.write(
            String(decoding: JSONEncoder().encode(commands), as: UTF8.self), to: "commands.json")
        let output = try ChildProcess.run(
            Python.interpreter(), ["-c", program, input],
            environment: environment.merging([
                "PATH": Locations.path, "PYTHONUTF8": "1", "HOME": directory.path,
                "AWS_EC2_METADATA_DISABLED": "true",
            ]) { given, _ in given },
            within: .seconds(300))
        guard output.exit == .exited(0) else { throw SupportError("aws: \(output.standardError)") }
        return try JSONDecoder().decode([Result].self, from: Data(output.standardOutput.utf8))
    }

    private static let program = """
        import functools, io, json, sys
        import awscli.clidriver, botocore.loaders

        # Looking for the services' models and reading them is most of what a command costs.
        reader = botocore.loaders.JSONFileLoader
        reader.load_file = functools.lru_cache(None)(reader.load_file)
        reader.__hash__ = lambda self: 0
        reader.__eq__ = lambda self, other: True
        loader = botocore.loaders.Loader
        lists, list_services = {}, loader.list_available_services

        def cached_list(self, type_name):
            if type_name not in lists: lists[type_name] = list_services(self, type_name)
            return lists[type_name]

        loader.list_available_services = cached_list

        def run(arguments):
            streams = [io.TextIOWrapper(io.BytesIO(), encoding='utf-8', write_through=True) for _ in range(2)]
            own = sys.stdout, sys.stderr
            sys.stdout, sys.stderr = streams
            try:
                code = awscli.clidriver.create_clidriver().main(arguments)
            except SystemExit as end:
                code = end.code
            finally:
                sys.stdout, sys.stderr = own
            out, error = [stream.buffer.getvalue().decode() for stream in streams]
            return {'code': code, 'standardOutput': out, 'standardError': error}

        print(json.dumps([run(arguments) for arguments in json.load(open(sys.argv[1]))]))
        """
}
