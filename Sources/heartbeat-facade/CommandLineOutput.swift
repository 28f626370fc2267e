import EventLoop

/// Results of a command, to standard output.
func printResult(_ line: String) {
    print(line)
}

/// Diagnostics of a command, to standard error.
func printDiagnostic(_ line: String) {
    _ = writeLine(Array("\(line)\n".utf8), to: 2)
}
