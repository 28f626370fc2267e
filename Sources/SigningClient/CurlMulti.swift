internal import CCurl
internal import EventLoop

/// libcurl on an event loop: its sockets are watched by the loop's epoll, its timeout is one of the loop's timers.
///
/// It makes connections that are others' to use, and it makes whole transfers, whose connections stay open here for the
/// next ones. For use on its loop only.
@safe final class CurlMulti {
    private let loop: EventLoop
    private let multi: UnsafeMutableRawPointer
    private let trust: Trust
    private let sockets = SocketCounter()
    /// Requests under way, or that wait for a connection.
    var requestCount = 0 {
        didSet { tellConnections() }
    }
    /// Is told how many connections are open, and how many of them a request has.
    private let connectionsChanged: ((_ open: Int, _ active: Int) -> Void)?
    private var timer: LoopTimer?
    private var watched: Set<Int32> = []
    private var spareHandles: [CurlHandle] = []
    private(set) var idleTransfers: [Transfer] = []

    /// - Parameter connectionsMax: for whole transfers: open connections at most; what is beyond them waits for one
    ///   inside libcurl.
    init(
        on loop: EventLoop, connectionsMax: Int? = nil, trust: Trust = .system,
        connectionsChanged: ((_ open: Int, _ active: Int) -> Void)? = nil
    ) {
        _ = CurlLibrary.isReady
        guard let multi = unsafe curl_multi_init() else { fatalError("libcurl: no memory") }
        self.loop = loop
        self.trust = trust
        self.connectionsChanged = connectionsChanged
        unsafe self.multi = unsafe multi
        timer = LoopTimer(on: loop) { [unowned self] in act(on: CURL_SOCKET_TIMEOUT, for: 0) }
        sockets.changed = { [unowned self] in tellConnections() }
        let this = unsafe Unmanaged.passUnretained(self).toOpaque()
        unsafe ccurl_multi_set_pointer(multi, CURLMOPT_SOCKETDATA, this)
        unsafe ccurl_multi_set_socket_callback(multi, socketChanged)
        unsafe ccurl_multi_set_pointer(multi, CURLMOPT_TIMERDATA, this)
        unsafe ccurl_multi_set_timer_callback(multi, timeoutChanged)
        if let connectionsMax {
            unsafe ccurl_multi_set_long(multi, CURLMOPT_MAXCONNECTS, connectionsMax)
            unsafe ccurl_multi_set_long(multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, connectionsMax)
        }
    }

    deinit {
        // Whoever waits for a transfer holds this: there are none but idle ones. What closing their connections would
        // say is cut off before, for it would come to an object that is on its way out.
        unsafe ccurl_multi_set_socket_callback(multi, nil)
        unsafe ccurl_multi_set_timer_callback(multi, nil)
        sockets.changed = nil
        timer?.cancel()
        for socket in watched { loop.unwatch(socket) }
        idleTransfers.removeAll()
        spareHandles.removeAll()
        unsafe curl_multi_cleanup(multi)
    }

    /// A handle to be given back, so that the TLS sessions that it remembers serve the next connection.
    func takeHandle() -> CurlHandle {
        spareHandles.popLast() ?? makeHandle()
    }

    /// Takes a handle away from libcurl, which closes the connection that it made for it.
    func giveBack(_ handle: CurlHandle) {
        remove(handle)
        spareHandles.append(handle)
    }

    private func makeHandle() -> CurlHandle {
        let handle = CurlHandle(trust: trust, sockets: sockets)
        // libcurl's own timeout does not run while a transfer waits for a connection.
        handle.deadline = LoopTimer(on: loop) { [unowned self, unowned handle] in
            remove(handle)
            handle.finish(.overdue)
        }
        return handle
    }

    /// Has libcurl do what a handle is set to, at most until the deadline.
    func run(_ handle: CurlHandle, deadline: ContinuousClock.Instant) async -> CurlHandle.Ending {
        await Suspension.wait { suspension in
            handle.suspension = suspension
            handle.deadline?.set(deadline)
            // It begins when the timeout of zero that this sets is over: at the end of this turn of the loop.
            let code = unsafe curl_multi_add_handle(multi, handle.easy)
            if code != CURLM_OK { handle.finish(.failed(CURLE_FAILED_INIT)) }
        }
    }

    private func remove(_ handle: CurlHandle) {
        unsafe curl_multi_remove_handle(multi, handle.easy)
    }

    private func tellConnections() {
        // A request may wait for a connection.
        connectionsChanged?(sockets.openCount, min(requestCount, sockets.openCount))
    }

    // MARK: Between libcurl and the loop

    fileprivate func setTimeout(milliseconds: Int) {
        if milliseconds < 0 {
            timer?.clear()
        } else {
            timer?.set(.now + .milliseconds(milliseconds))
        }
    }

    fileprivate func watch(_ socket: Int32, for what: Int32) {
        guard what != CURL_POLL_REMOVE else {
            // libcurl 7.88 to 8.1 has already closed a socket that never got connected, but within the call that tells
            // so: nothing else on this loop can have its number yet.
            if watched.remove(socket) != nil { loop.unwatch(socket) }
            return
        }
        var events: Events = []
        if what & CURL_POLL_IN != 0 { events.insert(.readable) }
        if what & CURL_POLL_OUT != 0 { events.insert(.writable) }
        do {
            if watched.insert(socket).inserted {
                try loop.watch(socket, for: events, handler: self)
            } else {
                try loop.rewatch(socket, for: events)
            }
        } catch {
            // Unwatched, the transfer ends by its deadline.
            watched.remove(socket)
        }
    }

    private func act(on socket: Int32, for events: Int32) {
        var running: Int32 = 0
        unsafe curl_multi_socket_action(multi, socket, events, &running)
        finishTransfers()
    }

    private func finishTransfers() {
        var waiting: Int32 = 0
        while let message = unsafe curl_multi_info_read(multi, &waiting) {
            // The message is gone once its handle is removed.
            let (easy, code) = unsafe (message.pointee.easy_handle, message.pointee.data.result)
            guard let handle = unsafe CurlHandle.of(easy) else { continue }
            if !(handle.isConnection && code == CURLE_OK) { remove(handle) }
            handle.finish(code == CURLE_OK ? .done : .failed(code))
        }
    }
}

/// Whole transfers.
extension CurlMulti {
    /// Sends one request and waits for its whole answer, at most until the deadline.
    func send(_ request: WireRequest, deadline: ContinuousClock.Instant) async -> Result<Answer, CallFailure> {
        guard request.hasValidHeaders else { return .failure(.unreachable(WireRequest.invalidHeader)) }
        let transfer = idleTransfers.popLast() ?? Transfer(makeHandle())
        transfer.prepare(request)
        requestCount += 1
        defer { requestCount -= 1 }
        let result = transfer.result(of: await run(transfer.handle, deadline: deadline))
        idleTransfers.append(transfer)
        return result
    }
}

extension CurlMulti: EventHandler {
    func handle(_ events: Events, of descriptor: Int32) {
        var what: Int32 = 0
        if events.contains(.readable) { what |= CURL_CSELECT_IN }
        if events.contains(.writable) { what |= CURL_CSELECT_OUT }
        if !events.isDisjoint(with: .failed) { what |= CURL_CSELECT_ERR }
        act(on: descriptor, for: what)
    }
}

private func socketChanged(
    _: UnsafeMutableRawPointer?, socket: curl_socket_t, what: Int32, multi: UnsafeMutableRawPointer?,
    _: UnsafeMutableRawPointer?
) -> Int32 {
    if let multi = unsafe multi {
        unsafe Unmanaged<CurlMulti>.fromOpaque(multi).takeUnretainedValue().watch(socket, for: what)
    }
    return 0
}

private func timeoutChanged(
    _: UnsafeMutableRawPointer?, milliseconds: Int, multi: UnsafeMutableRawPointer?
) -> Int32 {
    if let multi = unsafe multi {
        unsafe Unmanaged<CurlMulti>.fromOpaque(multi).takeUnretainedValue().setTimeout(milliseconds: milliseconds)
    }
    return 0
}

private enum CurlLibrary {
    /// libcurl and the TLS library under it are made ready once a process.
    static let isReady = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK
}
