internal import CLinux
internal import EventLoop

/// What a Unix socket is in the file system: it is left behind by a process that dies, and does not go by itself.
struct SocketFile: Sendable {
    /// For the service's own user and group: a proxy in front of it joins the group.
    private static let mode: mode_t = 0o660

    private let path: String
    private let identity: Identity

    private struct Identity: Equatable {
        let device: dev_t
        let number: ino_t
    }

    /// - Throws: what chmod(2) or lstat(2) say.
    init(boundAt path: String) throws(SystemError) {
        guard unsafe chmod(path, Self.mode) == 0 else { throw SystemError("chmod \(path)") }
        guard let identity = Self.identity(at: path)?.identity else { throw SystemError("lstat \(path)") }
        self.path = path
        self.identity = identity
    }

    /// Removes it, unless another has taken its place meanwhile: the next instance's, in a restart.
    func remove() {
        guard Self.identity(at: path)?.identity == identity else { return }
        _ = unsafe unlink(path)
    }

    /// Makes room for a new socket where an old one lies that nobody listens on.
    /// - Throws: EADDRINUSE where somebody does. What is there and is no socket, bind(2) refuses.
    static func removeStale(at path: String, _ address: SocketAddress) throws(SystemError) {
        guard let (_, isSocket) = identity(at: path), isSocket else { return }
        let socket = try BoundSocket.unbound(for: address)
        let number = socket.number
        let result = unsafe address.resolve { unsafe connect(number, $0, $1) }
        guard result != 0, currentErrno() == ECONNREFUSED else {
            throw SystemError("bind \(address)", code: EADDRINUSE)
        }
        _ = unsafe unlink(path)
    }

    private static func identity(at path: String) -> (identity: Identity, isSocket: Bool)? {
        var status = stat()
        guard unsafe lstat(path, &status) == 0 else { return nil }
        let isSocket = status.st_mode & mode_t(S_IFMT) == mode_t(S_IFSOCK)
        return (Identity(device: status.st_dev, number: status.st_ino), isSocket)
    }
}
