/* Shows the end of a run's logs, and while the run goes on keeps its page up to date: logs as they come, how long it has been
   so, and all of it when the state changes. Without this the page is read anew every few seconds. */
"use strict";
(() => {
	const logs = document.querySelectorAll("[data-log]");
	for (const log of logs)
		log.scrollTop = log.scrollHeight;
	const place = document.querySelector("[data-news]");
	if (!place)
		return;
	const elapsed = document.querySelector("[data-elapsed]");
	const at_once = 50, soon = 1000, later = 5000; // ms
	const much = 1 << 16, shown = 1 << 19; // characters

	// Whether there may be more already.
	const add = (log, news) => {
		if (news.next === Number(log.dataset.next))
			return false;
		const at_end = log.scrollHeight - log.scrollTop - log.clientHeight < 8;
		log.append(news.text);
		log.dataset.next = news.next;
		while (log.childNodes.length > 1 && log.textContent.length > shown)
			log.firstChild.remove();
		if (at_end)
			log.scrollTop = log.scrollHeight;
		return news.text.length > much;
	};
	const ask = async () => {
		const query = new URLSearchParams();
		for (const log of logs)
			query.set(log.dataset.log, log.dataset.next);
		const reply = await fetch(place.dataset.news + "?" + query, {headers: {accept: "application/json"}});
		if (reply.status === 401)
			location.reload();
		if (!reply.ok)
			throw new Error(reply.status);
		const news = await reply.json();
		let more = false;
		for (const log of logs)
			more = add(log, news[log.dataset.log]) || more;
		if (elapsed)
			elapsed.textContent = news.elapsed;
		if (news.state !== place.dataset.state)
			location.reload();
		return more ? at_once : soon;
	};
	const follow = () => ask().catch(() => later).then((wait) => setTimeout(follow, wait));
	follow();
})();
