-- wrk sends the requests of a file, each a line "TARGET<tab>DATE<tab>AUTHORIZATION", in turn: signed beforehand.
--     wrk -s signed.lua URL -- FILE
local requests, at = {}, 0

function init(args)
  for line in io.lines(args[1]) do
    local target, date, authorization = line:match("^([^\t]*)\t([^\t]*)\t([^\t]*)$")
    requests[#requests + 1] = wrk.format("GET", target, {Host = wrk.host .. ":" .. wrk.port, date = date,
      authorization = authorization})
  end
end

function request()
  at = at % #requests + 1
  return requests[at]
end

function done(summary, latency, _)
  io.write(string.format("%.0f %d %.3f\n", summary.requests / (summary.duration / 1e6),
    summary.errors.status + summary.errors.connect + summary.errors.read + summary.errors.write
      + summary.errors.timeout, latency:percentile(99) / 1000))
end
