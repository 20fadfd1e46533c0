-- Refuses JSON that is nested deeper than any request of these models, since the server's parser
-- goes down into it until its stack is full; and bodies that are packed, which nobody could judge.

local DEEPEST = 16

local QUOTE, BACKSLASH, OPEN_LIST, CLOSE_LIST, OPEN_MAP, CLOSE_MAP = ("\"\\[]{}"):byte(1, 6)

local function depth(text)
  local deepest, now, in_string, at, length = 0, 0, false, 1, #text
  while at <= length do
    local byte = text:byte(at)
    if in_string then
      if byte == BACKSLASH then
        at = at + 1
      elseif byte == QUOTE then
        in_string = false
      end
    elseif byte == QUOTE then
      in_string = true
    elseif byte == OPEN_LIST or byte == OPEN_MAP then
      now = now + 1
      if now > deepest then deepest = now end
    elseif byte == CLOSE_LIST or byte == CLOSE_MAP then
      now = now - 1
    end
    at = at + 1
  end
  return deepest
end

function envoy_on_request(request)
  if request:headers():get("content-encoding") then
    request:respond({[":status"] = "415"}, "the gate takes no packed bodies")
    return
  end
  local body = request:body()
  -- Envoy lets a request through whose script fails: what goes wrong counts as too deep.
  local fine, deepest = pcall(function()
    return body and depth(body:getBytes(0, body:length())) or 0
  end)
  if not fine or deepest > DEEPEST then
    request:respond({[":status"] = "400"}, "JSON may be nested at most " .. DEEPEST .. " deep")
  end
end
