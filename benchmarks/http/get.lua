-- Each request reads a random account from 2 to ACCOUNTS.
dofile(os.getenv("REPORT"))
local accounts = tonumber(os.getenv("ACCOUNTS"))

function init(args) math.randomseed(9) end

function request()
  return wrk.format("GET", string.format("/accounts/00000000-0000-4000-8000-%012d", math.random(2, accounts)))
end
