-- Each request deposits money into a random account from 2 to ACCOUNTS.
dofile(os.getenv("REPORT"))
local accounts = tonumber(os.getenv("ACCOUNTS"))
local headers = { ["Content-Type"] = "application/json" }

function init(args) math.randomseed(7) end

function request()
  local path = string.format("/accounts/00000000-0000-4000-8000-%012d/deposits", math.random(2, accounts))
  return wrk.format("POST", path, headers, '{"amount":1.5}')
end
