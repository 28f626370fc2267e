extension Page {
    /// Puts what has changed in the place of what was there, but for what somebody is marking to copy it.
    package static let script = #"""
        "use strict";
        const staleAfter = 5000, triesAgainAfter = 10000;
        const live = document.querySelector(".live");
        let source, timer;

        function say(state, text) {
          if (live.textContent === text) return;
          live.className = "live " + state;
          live.textContent = text;
        }

        function isMarked(element) {
          const selection = getSelection();
          return !selection.isCollapsed && selection.containsNode(element, true);
        }

        function show(html) {
          const page = new DOMParser().parseFromString(html, "text/html");
          for (const next of page.querySelectorAll("[id]")) {
            const shown = document.getElementById(next.id);
            if (shown && shown.outerHTML !== next.outerHTML && !isMarked(shown)) shown.replaceWith(next);
          }
        }

        function connect() {
          clearTimeout(timer);
          source = new EventSource("/events");
          source.onmessage = (event) => {
            show(event.data);
            say("on", "live");
            clearTimeout(timer);
            timer = setTimeout(() => say("off", "not live: nothing comes"), staleAfter);
          };
          source.onerror = () => {
            clearTimeout(timer);
            say("off", "not live: trying again");
            if (source.readyState === EventSource.CLOSED) timer = setTimeout(connect, triesAgainAfter);
          };
        }

        function disconnect() {
          clearTimeout(timer);
          source.close();
        }

        document.addEventListener("visibilitychange", () => {
          disconnect();
          if (!document.hidden) connect();
        });
        say("off", "connecting");
        connect();

        """#
}
