internal import EventLoop
internal import HTTP
internal import Transport

/// What the connections of a server have in common. Lives on the server's loop.
final class Commons {
    let loop: EventLoop
    let handler: any Handler
    let limits: Limits
    let trustedProxies: TrustedProxies
    let date: DateField
    /// nil: no request is refused for overload.
    let gate: OverloadGate?
    let tasks: TaskPool
    /// Where answers are put together.
    var output: [UInt8] = []
    let spareRoom = ReceiveBuffer.Spare()

    init(
        on loop: EventLoop, handler: any Handler, limits: Limits, trustedProxies: TrustedProxies = TrustedProxies(),
        date: DateField, gate: OverloadGate? = nil
    ) {
        self.loop = loop
        self.handler = handler
        self.limits = limits
        self.trustedProxies = trustedProxies
        self.date = date
        self.gate = gate
        tasks = TaskPool(on: loop)
    }
}
