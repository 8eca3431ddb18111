-- Opens accounts, each once. FIRST is the number before the first account.
dofile(os.getenv("REPORT"))
local number = tonumber(os.getenv("FIRST"))
local headers = { ["Content-Type"] = "application/json" }

function request()
  number = number + 1
  local body = string.format('{"account":"00000000-0000-4000-8000-%012d","owner":"Ada Lovelace"}', number)
  return wrk.format("POST", "/accounts", headers, body)
end
