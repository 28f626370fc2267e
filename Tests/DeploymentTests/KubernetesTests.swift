import Foundation
import TestSupport
import Testing

/// A change to a manifest that must be found.
struct BrokenManifest: CustomTestStringConvertible {
    let file: String
    let change: (from: String, to: String)
    /// In the line that tells of it.
    let fault: String

    init(_ file: String, _ from: String, _ to: String, _ fault: String) {
        (self.file, change, self.fault) = ("\(file).yaml", (from, to), fault)
    }

    var testDescription: String { "\(file): \(fault)" }

    static let all = [
        BrokenManifest("stateful-set", "podManagementPolicy", "podManagmentPolicy", "podManagmentPolicy"),
        BrokenManifest("disruption-budget", "maxUnavailable: 1", "maxUnavailable: [1]", "[1]"),
        BrokenManifest("stateful-set", "runAsNonRoot: true", "runAsNonRoot: false", "StatefulSet: lacks no root"),
        BrokenManifest("migration", "drop: [ALL]", "drop: [KILL]", "CronJob: lacks no capabilities"),
        BrokenManifest("stateful-set", "whenScaled: Retain", "whenScaled: Delete", "spools go with their pods"),
        BrokenManifest("stateful-set", "mountPath: /var/lib", "mountPath: /var/cache", "the spool is on no volume"),
        BrokenManifest("stateful-set", "PeriodSeconds: 40", "PeriodSeconds: 30", "killed before it has drained"),
        BrokenManifest("services", "component: server", "component: migration", "sends calls to a migration"),
        BrokenManifest("services", "targetPort: api", "targetPort: apis", "port apis"),
        BrokenManifest("services", "clusterIP: None", "type: ClusterIP", "has no headless service"),
        BrokenManifest(
            "autoscaler", "name: heartbeat-facade\n  minReplicas", "name: x\n  minReplicas", "scales nothing"),
        BrokenManifest("service-monitor", "port: operations", "port: metrics", "ServiceMonitor: no service"),
        BrokenManifest("disruption-budget", "component: server", "component: web", "PodDisruptionBudget: selects no"),
        BrokenManifest("migration", "value: 90d", "value: 9d", "Job and CronJob: not the same pod"),
        BrokenManifest("kustomization", "  - services.yaml\n", "", "services.yaml: in the kustomization or here"),
    ]
}

struct KubernetesTests {
    private static let manifests = "\(Deployment.directory)/kubernetes"

    @Test func `the manifests are Kubernetes' and fit together`() throws {
        #expect(try Deployment.ask("kubernetes.py", ["faults", Self.manifests]) == [])
    }

    @Test(arguments: BrokenManifest.all)
    func `a broken one is found`(broken: BrokenManifest) throws {
        let directory = try TemporaryDirectory()
        let copy = directory.file("kubernetes")
        try FileManager.default.copyItem(atPath: Self.manifests, toPath: copy)
        let file = "\(copy)/\(broken.file)"
        let before = try Deployment.text(file)
        // The last place: where a file has two, the second is as good as the first.
        let place = try #require(before.range(of: broken.change.from, options: .backwards))
        let after = before.replacingCharacters(in: place, with: broken.change.to)
        try after.write(toFile: file, atomically: false, encoding: .utf8)
        let faults = try Deployment.ask("kubernetes.py", ["faults", copy])
        #expect(faults.contains { $0.contains(broken.fault) }, "\(faults)")
    }

    @Test func `the service understands its settings`() throws {
        let lines = try Deployment.ask("kubernetes.py", ["environment", Self.manifests])
        let pairs = lines.map { $0.split(separator: "=", maxSplits: 1).map(String.init) }
        let settings = Dictionary(uniqueKeysWithValues: pairs.map { ($0[0], $0[1]) })
        #expect(settings["HEARTBEAT_DRAIN_DELAY"] != nil)
        #expect(try Deployment.complaint(about: settings) == nil)
        #expect(try Deployment.complaint(about: settings.merging(["HEARTBEAT_DRAIN_DELEY": "5s"]) { $1 }) != nil)
    }
}
