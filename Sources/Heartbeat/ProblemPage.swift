/// What a person finds under a problem's `type`.
enum ProblemPage {
    /// A whole HTML document. Nothing in it comes from a request.
    static func html(_ code: ErrorCode) -> String {
        """
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width">
        <title>\(escaped(code.title)) · heartbeat-facade</title>
        <style>
        :root { color-scheme: light dark; }
        body { font: 1rem/1.5 system-ui, sans-serif; max-width: 40rem; margin: 3rem auto; padding: 0 1rem; }
        code { font-size: 1.05em; }
        </style>
        </head>
        <body>
        <h1>\(escaped(code.title))</h1>
        <p><code>\(code.rawValue)</code>, HTTP status \(code.status)</p>
        <h2>What happened</h2>
        <p>\(escaped(code.explanation))</p>
        <h2>What to do</h2>
        <p>\(escaped(code.advice))</p>
        <p>\(code.isRetryable ? "The same call may succeed later." : "The same call will fail again.")</p>
        </body>
        </html>

        """
    }

    private static func escaped(_ text: String) -> String {
        text.reduce(into: "") { html, character in
            switch character {
            case "&": html += "&amp;"
            case "<": html += "&lt;"
            case ">": html += "&gt;"
            default: html.append(character)
            }
        }
    }
}
