import EventLoop
import Glibc

/// Results of a command, to standard output.
func printResult(_ line: String) {
    print(line)
}

/// Has what was printed reach its reader now, also where that is a pipe.
func flushResults() {
    _ = fflush(nil)
}

/// Diagnostics of a command, to standard error.
func printDiagnostic(_ line: String) {
    _ = writeLine(Array("\(line)\n".utf8), to: 2)
}

/// Whether a person may be asked.
func inputIsTerminal() -> Bool {
    isatty(0) == 1
}
