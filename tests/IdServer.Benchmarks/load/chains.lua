-- wrk -tN -cN -s chains.lua URL -- FILE
-- Refresh-token rotation over many tokens: one connection per thread. Thread k reads FILE.k, whose lines are an Authorization header, a tab and a refresh token,
-- and refreshes them in turn; what comes back takes the place of what was sent. A failure keeps the old one, and counts.
local counter = 0
function setup(thread) counter = counter + 1; thread:set("id", counter) end
local authorizations, tokens, n, i = {}, {}, 0, 0
function init(args)
  for line in io.lines(args[1] .. "." .. id) do
    n = n + 1
    authorizations[n], tokens[n] = line:match("([^\t]*)\t(.*)")
  end
end
function request()
  i = i % n + 1
  return wrk.format("POST", nil, { ["Authorization"] = authorizations[i], ["Content-Type"] = "application/x-www-form-urlencoded" },
    "grant_type=refresh_token&refresh_token=" .. tokens[i])
end
function response(status, headers, body)
  tokens[i] = body:match('"refresh_token"%s*:%s*"([^"]+)"') or tokens[i]
end
function done(s, lat, r)
  io.write(string.format('RESULT {"requests":%d,"us":%d,"failed":%d,"p50":%d,"p99":%d,"max":%d}\n',
    s.requests, s.duration, s.errors.status + s.errors.connect + s.errors.read + s.errors.write + s.errors.timeout, lat:percentile(50), lat:percentile(99), lat.max))
end
