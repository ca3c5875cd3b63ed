-- wrk asks for the lines of a file in turn, each a host and a path: `wrk … -s requests.lua URL -- FILE`.
local requests, at = {}, 0

function init(args)
  for line in io.lines(args[1]) do
    local host, path = line:match("(%S+) (%S+)")
    wrk.headers["Host"] = host
    requests[#requests + 1] = wrk.format("GET", path)
  end
end

function request()
  at = at % #requests + 1
  return requests[at]
end
