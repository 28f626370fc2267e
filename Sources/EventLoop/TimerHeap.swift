/// A binary heap of timers, the earliest first; each timer knows its place, so that it can be moved and removed.
struct TimerHeap {
    private var timers: [LoopTimer] = []

    var earliest: ContinuousClock.Instant? { timers.first?.heapTime }

    /// Puts a timer in, or moves it.
    mutating func place(_ timer: LoopTimer, at time: ContinuousClock.Instant) {
        if timer.heapIndex != nil { remove(timer) }
        timer.heapTime = time
        timer.heapIndex = timers.count
        timers.append(timer)
        siftUp(from: timers.count - 1)
    }

    mutating func remove(_ timer: LoopTimer) {
        guard let index = timer.heapIndex else { return }
        timer.heapIndex = nil
        let last = timers.removeLast()
        guard index < timers.count else { return }
        timers[index] = last
        last.heapIndex = index
        siftUp(from: index)
        siftDown(from: index)
    }

    /// Takes out the earliest timer if its time has come.
    mutating func popDue(now: ContinuousClock.Instant) -> LoopTimer? {
        guard let first = timers.first, first.heapTime <= now else { return nil }
        remove(first)
        return first
    }

    private mutating func siftUp(from start: Int) {
        var index = start
        while index > 0, timers[index].heapTime < timers[(index - 1) / 2].heapTime {
            exchange(index, (index - 1) / 2)
            index = (index - 1) / 2
        }
    }

    private mutating func siftDown(from start: Int) {
        var index = start
        while true {
            var smallest = index
            for child in [2 * index + 1, 2 * index + 2] where child < timers.count {
                if timers[child].heapTime < timers[smallest].heapTime { smallest = child }
            }
            if smallest == index { return }
            exchange(index, smallest)
            index = smallest
        }
    }

    private mutating func exchange(_ first: Int, _ second: Int) {
        timers.swapAt(first, second)
        timers[first].heapIndex = first
        timers[second].heapIndex = second
    }
}
