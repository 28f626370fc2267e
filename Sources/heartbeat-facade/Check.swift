import ArgumentParser
import EventLoop

struct Check: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Print the resolved configuration without its secrets, and everything that is wrong with it.",
        discussion: "Exits with 78 if anything is wrong.")

    func run() throws {
        let (configuration, faults, warnings) = Configuration.read(processEnvironment())
        let width = Setting.all.map(\.name.count).max() ?? 0
        for setting in Setting.all {
            let padding = String(repeating: " ", count: width - setting.name.count)
            printResult("\(setting.name)\(padding)  \(setting.value(configuration))")
        }
        for warning in warnings { printDiagnostic("warning: \(warning)") }
        for fault in faults { printDiagnostic("error: \(fault)") }
        if !faults.isEmpty { throw ExitCode.badConfiguration }
    }
}
