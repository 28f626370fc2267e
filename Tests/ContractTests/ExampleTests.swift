import TestSupport
import Testing

@Suite(.timeLimit(.minutes(10)))
struct ExampleTests {
    /// But for what each call has of its own: ids, times, durations.
    @Test func `every example is what the service answers, byte for byte`() throws {
        let examples = try Example.all()
        let keys = Scene.all.map(\.key) + Scene.unprovoked.keys
        #expect(keys.count == Set(keys).count)
        #expect(Set(keys).symmetricDifference(examples.keys) == [])
        let stage = try Stage()
        for scene in Scene.all {
            guard let example = examples[scene.key] else { continue }
            let differences = example.differences(from: try scene.play(stage))
            #expect(differences.isEmpty, "\(scene.key): \(differences.joined(separator: "\n"))")
        }
    }
}
