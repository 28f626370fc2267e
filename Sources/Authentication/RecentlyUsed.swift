/// A dictionary that, when it is full, forgets what was not used for the longest time.
struct RecentlyUsed<Key: Hashable, Value> {
    /// In a ring, from the newest to the oldest and round again.
    private struct Slot {
        var key: Key
        var value: Value
        var newer: Int
        var older: Int
    }

    private let countMax: Int
    private var slots: [Slot] = []
    private var places: [Key: Int] = [:]
    private var newest = 0

    /// - Parameter countMax: at least 1.
    init(countMax: Int) {
        self.countMax = countMax
    }

    var count: Int { slots.count }

    /// Asking for a value is a use of it; setting it is too.
    subscript(key: Key) -> Value? {
        mutating get {
            guard let place = places[key] else { return nil }
            use(place)
            return slots[place].value
        }
    }

    mutating func set(_ value: Value, for key: Key) {
        if let place = places[key] {
            slots[place].value = value
            use(place)
        } else if slots.count < countMax {
            // In its own place a slot is a ring of one.
            places[key] = slots.count
            slots.append(Slot(key: key, value: value, newer: slots.count, older: slots.count))
            if slots.count > 1 { insertAsNewest(slots.count - 1) }
        } else {
            let oldest = slots[newest].newer
            places[slots[oldest].key] = nil
            places[key] = oldest
            slots[oldest].key = key
            slots[oldest].value = value
            newest = oldest
        }
    }

    private mutating func use(_ place: Int) {
        guard place != newest else { return }
        let (newer, older) = (slots[place].newer, slots[place].older)
        slots[newer].older = older
        slots[older].newer = newer
        insertAsNewest(place)
    }

    /// Between the newest and the oldest, which follows it.
    private mutating func insertAsNewest(_ place: Int) {
        let oldest = slots[newest].newer
        slots[place].older = newest
        slots[place].newer = oldest
        slots[newest].newer = place
        slots[oldest].older = place
        newest = place
    }
}
