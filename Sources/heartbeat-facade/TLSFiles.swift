import EventLoop
import Transport

/// Where certificates and keys lie.
struct TLSFiles: Sendable, Equatable {
    private static let bytesMax = 1 << 20
    private static let revocationListBytesMax = 16 << 20

    enum ClientAuthentication: String, Sendable {
        case optional
        case required
    }

    var certificate: String
    var privateKey: String
    var clientCA: String?
    var clientAuthentication = ClientAuthentication.optional
    /// Goes with `clientCA`.
    var clientCRL: String?

    /// What is wrong, beginning with the setting's name.
    struct Fault: Error, CustomStringConvertible {
        let description: String
    }

    /// Changes when one of the files does. Blocking.
    var stamps: [FileStamp?] {
        [certificate, privateKey, clientCA, clientCRL].map { $0.flatMap(FileStamp.init(at:)) }
    }

    /// Blocking.
    func load(ticketKeys: TicketKeys) throws(Fault) -> TLSContext {
        var configuration = TLSConfiguration(
            certificateChain: try read(certificate, "HEARTBEAT_TLS_CERTIFICATE"),
            privateKey: try read(privateKey, "HEARTBEAT_TLS_PRIVATE_KEY"))
        if let clientCA {
            var clients = TLSConfiguration.ClientAuthentication(
                authorities: try read(clientCA, "HEARTBEAT_TLS_CLIENT_CA"),
                isRequired: clientAuthentication == .required)
            if let clientCRL {
                clients.revocationLists = try read(
                    clientCRL, "HEARTBEAT_TLS_CLIENT_CRL", bytesMax: Self.revocationListBytesMax)
            }
            configuration.clientAuthentication = clients
        }
        do throws(TLSError) {
            return try TLSContext(configuration, ticketKeys: ticketKeys)
        } catch {
            throw Fault(description: "\(place(of: error.part)): \(error).")
        }
    }

    private func read(_ path: String, _ name: String, bytesMax: Int = bytesMax) throws(Fault) -> [UInt8] {
        do throws(SystemError) {
            return try readFile(at: path, bytesMax: bytesMax)
        } catch {
            throw Fault(description: "\(name): \(error).")
        }
    }

    private func place(of part: TLSError.Part) -> String {
        switch part {
        case .certificate: "HEARTBEAT_TLS_CERTIFICATE: \(certificate)"
        case .privateKey: "HEARTBEAT_TLS_PRIVATE_KEY: \(privateKey)"
        case .clientAuthorities: "HEARTBEAT_TLS_CLIENT_CA: \(clientCA ?? "")"
        case .revocationLists: "HEARTBEAT_TLS_CLIENT_CRL: \(clientCRL ?? "")"
        case .library: "TLS"
        }
    }
}
