/// The one look of the pages: no script, nothing from elsewhere, light or dark as the reader's system is.
enum HTML {
    /// Even where a page had something foreign in it, a browser would neither run nor fetch it.
    static let securityPolicy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'"

    /// A whole document.
    /// - Parameters:
    ///   - title: text.
    ///   - body: HTML.
    static func document(title: String, body: String) -> String {
        """
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>\(escaped(title))</title>
        <style>
        \(style)
        </style>
        </head>
        <body>
        \(body)
        </body>
        </html>

        """
    }

    static func escaped(_ text: String) -> String {
        text.reduce(into: "") { html, character in
            switch character {
            case "&": html += "&amp;"
            case "<": html += "&lt;"
            case ">": html += "&gt;"
            case "\"": html += "&quot;"
            default: html.append(character)
            }
        }
    }

    private static let style = """
        :root { color-scheme: light dark;
        --ink: #1b2130; --soft: #596275; --line: #d8dde6; --paper: #fff; --link: #0a58a8 }
        @media (prefers-color-scheme: dark) {
        :root { --ink: #e5e8ee; --soft: #9ca6b7; --line: #343c4a; --paper: #14181f; --link: #82bbf6 }
        }
        body { max-width: 42rem; margin: 0 auto; padding: 2rem 1.25rem 4rem; color: var(--ink);
        background: var(--paper); font: 1rem/1.55 system-ui, sans-serif }
        a { color: var(--link) }
        h1 { font-size: 1.7rem; line-height: 1.2; margin: 1.5rem 0 .4rem }
        h2 { font-size: 1.05rem; margin: 1.6rem 0 .3rem }
        p { margin: .3rem 0 }
        nav, .soft { color: var(--soft) }
        code { font: .92em ui-monospace, monospace; overflow-wrap: anywhere }
        ul { list-style: none; margin: 0; padding: 0 }
        li { padding: .4rem 0; border-top: 1px solid var(--line) }
        """
}
