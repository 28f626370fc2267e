import Foundation
import TestSupport
import Testing

/// The README's commands for Kubernetes, with a stand-in that notes what it is asked to do.
struct KubernetesCommandTests {
    @Test func `they make what the manifests need`() throws {
        let directory = try TemporaryDirectory()
        let notes = directory.file("notes")
        let kubectl = try directory.write("#!/bin/sh\necho \"$*\" >>'\(notes)'\n", to: "kubectl")
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: kubectl)
        let output = try ChildProcess.run(
            "bash", ["-euo", "pipefail", "-c", Readme.block("sh", below: "### Kubernetes")],
            environment: ["PATH": "\(directory.path):\(Locations.path)"])
        #expect(output.exit == .exited(0), "\(output.standardError)")
        let commands = try Deployment.text(notes).split(separator: "\n").map {
            $0.split(separator: " ").map(String.init)
        }
        try #require(commands.count == 4)

        let manifests = "\(Deployment.directory)/kubernetes"
        let namespace = try #require(commands[0].last)
        #expect(commands[0] == ["create", "namespace", namespace])
        #expect(try Deployment.text("\(manifests)/kustomization.yaml").contains("namespace: \(namespace)\n"))

        let volumes = try ["stateful-set", "migration"].map { try Deployment.text("\(manifests)/\($0).yaml") }
        for (command, manifest) in zip(commands[1...2], volumes) {
            #expect(command.prefix(5) == ["-n", namespace, "create", "secret", "generic"])
            #expect(manifest.contains("secretName: \(command[5])\n"))
            // The file that the secret's one key becomes.
            let key = try #require(command[6].split(separator: "=").dropFirst().first)
            #expect(manifest.contains("value: /run/secrets/database/\(key)\n"))
        }
        #expect(commands[3] == ["apply", "-k", "docker/kubernetes"])
        #expect(manifests == "\(Locations.packageRoot)/\(commands[3][2])")
    }
}
