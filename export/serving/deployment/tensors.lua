-- Refuses a PredictRequest whose tensors the server could not take: of a type that is no numbers
-- and no strings, which ends it, or with more numbers than the message has bytes (a single value
-- may stand for all), which takes all its memory. The bytes are read as protobuf writes them.

local TYPES = {[1] = "float", [2] = "double", [3] = "int32", [4] = "uint8", [7] = "string",
               [9] = "int64", [10] = "bool"}
local VARINT, FIXED64, LENGTH, FIXED32 = 0, 1, 2, 5
-- So many numbers may be given by one, whatever the message's size.
local FREE = 65536

local function refuse(why)
  error({why = why}, 0)
end

-- A number of up to ten bytes, and where the next thing begins.
local function varint(text, at, stop)
  local value, factor = 0, 1
  for i = at, math.min(at + 9, stop) do
    local byte = text:byte(i)
    value = value + byte % 128 * factor
    if byte < 128 then return value, i + 1 end
    factor = factor * 128
  end
  refuse("the message is no protobuf")
end

-- Calls found(number, kind, value or first, last) for each field between two places.
local function fields(text, at, stop, found)
  while at <= stop do
    local key, value
    key, at = varint(text, at, stop)
    local number, kind = math.floor(key / 8), key % 8
    local first = at
    if kind == VARINT then
      value, at = varint(text, at, stop)
    elseif kind == LENGTH then
      value, first = varint(text, at, stop)
      at = first + value
    elseif kind == FIXED64 or kind == FIXED32 then
      at = at + (kind == FIXED64 and 8 or 4)
    else
      refuse("the message has groups")
    end
    if at > stop + 1 then refuse("the message is cut off") end
    found(number, kind, kind == VARINT and value or first, at - 1)
  end
end

-- How many numbers a TensorShapeProto speaks of; a side of 0 counts as 1.
local function size(text, at, stop)
  local product = 1
  fields(text, at, stop, function(number, kind, first, last)
    if number == 2 and kind == LENGTH then
      fields(text, first, last, function(inner, inner_kind, value)
        if inner == 1 and inner_kind == VARINT then product = product * math.max(value, 1) end
      end)
    end
  end)
  return product
end

-- An entry of the map of inputs: a name and a TensorProto. What is said twice counts twice, as
-- protobuf joins it.
local function entry(text, at, stop)
  local product = 1
  fields(text, at, stop, function(number, kind, first, last)
    if number ~= 2 or kind ~= LENGTH then return end
    fields(text, first, last, function(inner, inner_kind, value, inner_last)
      if inner == 1 and inner_kind == VARINT and not TYPES[value] then
        refuse("the gate takes no tensors of type " .. value)
      elseif inner == 2 and inner_kind == LENGTH then
        product = product * size(text, value, inner_last)
      end
    end)
  end)
  if product > math.max(FREE, stop - at + 1) then
    refuse("a tensor speaks of more numbers than it has bytes; send all its values")
  end
end

local function check(text)
  local flag, a, b, c, d = text:byte(1, 5)
  if flag ~= 0 then refuse("the gate takes no packed messages") end
  if ((a * 256 + b) * 256 + c) * 256 + d ~= #text - 5 then refuse("one message a request") end
  fields(text, 6, #text, function(number, kind, first, last)
    if number == 2 and kind == LENGTH then entry(text, first, last) end
  end)
end

function envoy_on_request(request)
  local headers = request:headers()
  if not headers:get(":path"):find("/Predict", 1, true) then return end
  local packed = headers:get("content-encoding")
  local body = request:body()
  -- Envoy lets a request through whose script fails, so that everything is tried in here.
  local fine, wrong = pcall(function()
    if packed then refuse("the gate takes no packed messages") end
    check(body and body:getBytes(0, body:length()) or "")
  end)
  if not fine then
    local why = type(wrong) == "table" and wrong.why or "the message is no PredictRequest"
    -- 3 is INVALID_ARGUMENT.
    request:respond({[":status"] = "400", ["grpc-status"] = "3"}, why)
  end
end
