import Authentication
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
    /// Goes with `clientCA`.
    var clientMap: String?

    /// What is wrong, each sentence beginning with the setting's name.
    struct Fault: Error, CustomStringConvertible {
        var sentences: [String]

        var description: String { sentences.joined(separator: " ") }
    }

    /// What is in the files.
    struct Content: Sendable {
        let context: TLSContext
        let clientMap: ClientMap?
    }

    /// Changes when one of the files does. Blocking.
    var stamps: [FileStamp?] {
        [certificate, privateKey, clientCA, clientCRL, clientMap].map { $0.flatMap(FileStamp.init(at:)) }
    }

    /// Blocking.
    /// - Throws: what is wrong with the certificates, and all that is with the map.
    func load(ticketKeys: TicketKeys) throws(Fault) -> Content {
        let context = Result { () throws(Fault) in try loadContext(ticketKeys: ticketKeys) }
        let map = Result { () throws(Fault) in try loadMap() }
        switch (context, map) {
        case (.success(let context), .success(let map)): return Content(context: context, clientMap: map)
        case (.failure(let fault), .failure(let other)): throw Fault(sentences: fault.sentences + other.sentences)
        case (.failure(let fault), _), (_, .failure(let fault)): throw fault
        }
    }

    private func loadMap() throws(Fault) -> ClientMap? {
        guard let clientMap else { return nil }
        let bytes = try read(clientMap, "HEARTBEAT_TLS_CLIENT_MAP")
        do throws(ClientMapFaults) {
            return try ClientMap(String(decoding: bytes, as: UTF8.self))
        } catch {
            throw Fault(sentences: error.faults.map { "HEARTBEAT_TLS_CLIENT_MAP: \(clientMap): \($0)." })
        }
    }

    private func loadContext(ticketKeys: TicketKeys) throws(Fault) -> TLSContext {
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
            throw Fault(sentences: ["\(place(of: error.part)): \(error)."])
        }
    }

    private func read(_ path: String, _ name: String, bytesMax: Int = bytesMax) throws(Fault) -> [UInt8] {
        do throws(SystemError) {
            return try readFile(at: path, bytesMax: bytesMax)
        } catch {
            throw Fault(sentences: ["\(name): \(error)."])
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
