-- wrk -s spread.lua URL -- METHOD FILE
-- Requests that differ: each line of the file is an Authorization header, a tab and a body. All are made before the start and sent in turn.
local requests, n, i = {}, 0, 0
function init(args)
  for line in io.lines(args[2]) do
    local authorization, body = line:match("([^\t]*)\t(.*)")
    local headers = { ["Authorization"] = authorization }
    if body ~= "" then headers["Content-Type"] = "application/x-www-form-urlencoded" end
    requests[#requests + 1] = wrk.format(args[1], nil, headers, body ~= "" and body or nil)
  end
  n = #requests
end
function request()
  i = i % n + 1
  return requests[i]
end
function done(s, lat, r)
  io.write(string.format('RESULT {"requests":%d,"us":%d,"failed":%d,"p50":%d,"p99":%d,"max":%d}\n',
    s.requests, s.duration, s.errors.status + s.errors.connect + s.errors.read + s.errors.write + s.errors.timeout, lat:percentile(50), lat:percentile(99), lat.max))
end
