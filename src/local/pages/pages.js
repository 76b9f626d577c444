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
	const soon = 1000, later = 5000;

	const add = (log, news) => {
		if (news.next === Number(log.dataset.next))
			return;
		const atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 8;
		log.append(news.text);
		log.dataset.next = news.next;
		if (atEnd)
			log.scrollTop = log.scrollHeight;
	};
	const ask = async () => {
		const query = new URLSearchParams();
		for (const log of logs)
			query.set(log.dataset.log, log.dataset.next);
		const reply = await fetch(place.dataset.news + "?" + query, {headers: {accept: "application/json"}});
		if (reply.status === 401)
			return location.reload();
		if (!reply.ok)
			throw new Error(reply.status);
		const news = await reply.json();
		for (const log of logs)
			add(log, news[log.dataset.log]);
		if (elapsed)
			elapsed.textContent = news.elapsed;
		if (news.state !== place.dataset.state)
			location.reload();
	};
	const follow = () => ask().then(() => setTimeout(follow, soon), () => setTimeout(follow, later));
	follow();
})();
