namespace Millrace.Redis.Retries;

/// <summary>
/// The scripts for the retries of a group, each of which is atomic. Their keys are on the node of the stream; messages
/// are numbered in the order in which they were added to the queue.
/// </summary>
internal static class RetryScripts
{
    /// <summary>
    /// KEYS: the stream, the lease of the group, then <c>due</c> (the waiting keys, by the time at which they are due
    /// or their lease expires), <c>order</c> (the numbers of each key), <c>items</c> (the fields of each number),
    /// <c>notes</c> (its attempts and errors), <c>owners</c> (the lease owners of keys) and <c>next</c> (the last
    /// number). ARGV: the group, the consumer, the required lease owner of the group (empty for shared groups), and the
    /// owner id of the calling receiver.
    /// </summary>
    private const string Prelude = """
        local stream, holder, due, order, items, notes, owners, counter = unpack(KEYS)
        local group, consumer, lease, ownerId = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
        local serverTime = redis.call('TIME')
        local now = serverTime[1] * 1000 + math.floor(serverTime[2] / 1000)
        local function isHolder() return lease == '' or redis.call('GET', holder) == lease end
        local function at(time) return string.format('%.0f', time) end
        local function first(key) return '[' .. redis.sha1hex(key) .. ':' end
        local function last(key) return '(' .. redis.sha1hex(key) .. ';' end
        local function countOf(key) return redis.call('ZLEXCOUNT', order, first(key), last(key)) end
        local function remove(item)
          redis.call('ZREM', order, item)
          redis.call('HDEL', items, string.sub(item, 42))
          redis.call('HDEL', notes, string.sub(item, 42))
        end
        local function makeDue(key, time)
          redis.call('ZADD', due, at(time), key)
          redis.call('HDEL', owners, key)
        end
        local function forget(key)
          if countOf(key) > 0 then return end
          redis.call('ZREM', due, key)
          redis.call('HDEL', owners, key)
        end

        """;

    /// <summary>
    /// Moves an entry of the stream into the queue. ARGV: its message's key, its id, the pause (empty to add it only
    /// behind others), the error, and its fields. Returns -1 if it now belongs to another receiver, 2 if it was
    /// acknowledged, 0 if no message of its key waits, or 1 with the number of waiting messages of its key and of all
    /// keys.
    /// </summary>
    public const string Add = Prelude + """
        local key, id, pause, problem = ARGV[5], ARGV[6], ARGV[7], ARGV[8]
        if not isHolder() then return {-1} end
        local pending = redis.call('XPENDING', stream, group, id, id, 1)
        if #pending == 0 then return {2} end
        if pending[1][2] ~= consumer then return {-1} end
        local waits = redis.call('ZSCORE', due, key)
        if pause == '' and not waits then return {0} end
        local number = string.format('%016.0f', redis.call('INCR', counter))
        local fields = {}
        for i = 9, #ARGV do fields[i - 8] = ARGV[i] end
        redis.call('HSET', items, number, cmsgpack.pack(fields))
        redis.call('ZADD', order, 0, redis.sha1hex(key) .. ':' .. number)
        if pause ~= '' then
          redis.call('HSET', notes, number, cjson.encode({attempts = 1, first = problem, last = problem, since = at(now)}))
        end
        if not waits then redis.call('ZADD', due, at(now + pause), key) end
        redis.call('XACK', stream, group, id)
        return {1, countOf(key), redis.call('HLEN', items)}
        """;

    /// <summary>
    /// Lets a key wait again after another failure of a number; earlier numbers are handled. ARGV: the key, the number,
    /// the pause and the error. Returns the same values as <see cref="Add"/>.
    /// </summary>
    public const string PostponeAgain = Prelude + """
        local key, number, pause, problem = ARGV[5], ARGV[6], ARGV[7], ARGV[8]
        if redis.call('HGET', owners, key) ~= ownerId then return {-1} end
        local before = '(' .. redis.sha1hex(key) .. ':' .. number
        for _, item in ipairs(redis.call('ZRANGEBYLEX', order, first(key), before)) do remove(item) end
        local note = redis.call('HGET', notes, number)
        note = note and cjson.decode(note) or {attempts = 0, first = problem, since = at(now)}
        note.attempts, note.last = note.attempts + 1, problem
        redis.call('HSET', notes, number, cjson.encode(note))
        makeDue(key, now + pause)
        return {1, countOf(key), redis.call('HLEN', items)}
        """;

    /// <summary>
    /// Leases due keys. ARGV: the duration of the lease, the maximum number of messages and of their bytes, a key to
    /// report about, 1 if the receiver has just got the group exclusively, so that it takes over all leases, and 1 if
    /// all keys without a lease are due. Returns the milliseconds until the next key is due (-1 for none), the number
    /// of waiting messages of all keys (-1 without the group's lease) and of that key, and key, number, attempts and
    /// fields of each message.
    /// </summary>
    public const string Take = Prelude + """
        local leaseTime, maxCount, bytes = tonumber(ARGV[5]), tonumber(ARGV[6]), tonumber(ARGV[7])
        local taken = {}
        local total = -1
        if isHolder() then
          total = redis.call('HLEN', items)
          if ARGV[9] == '1' then
            for _, key in ipairs(redis.call('HKEYS', owners)) do makeDue(key, now) end
          end
          if ARGV[10] == '1' then
            for _, key in ipairs(redis.call('ZRANGE', due, 0, -1)) do
              if not redis.call('HGET', owners, key) then makeDue(key, now) end
            end
          end
          for _, key in ipairs(redis.call('ZRANGEBYSCORE', due, '-inf', at(now), 'LIMIT', 0, maxCount)) do
            if #taken >= maxCount or bytes <= 0 then break end
            redis.call('ZADD', due, at(now + leaseTime), key)
            redis.call('HSET', owners, key, ownerId)
            for _, item in ipairs(
                redis.call('ZRANGEBYLEX', order, first(key), last(key), 'LIMIT', 0, maxCount - #taken)) do
              local number = string.sub(item, 42)
              local packed, note = redis.call('HGET', items, number), redis.call('HGET', notes, number)
              if packed then
                taken[#taken + 1] = {key, number, note and cjson.decode(note).attempts or 0, cmsgpack.unpack(packed)}
                bytes = bytes - #packed
              else
                remove(item)
              end
              if bytes <= 0 then break end
            end
            forget(key)
          end
        end
        local soonest = redis.call('ZRANGE', due, 0, 0, 'WITHSCORES')
        return {#soonest == 0 and -1 or math.max(0, soonest[2] - now), total, countOf(ARGV[8]), taken}
        """;

    /// <summary>
    /// Removes handled messages. ARGV: for each a key, its number, and 1 if no other message of the key is in flight.
    /// Returns the number of waiting messages.
    /// </summary>
    public const string Remove = Prelude + """
        for i = 5, #ARGV, 3 do
          local key = ARGV[i]
          if redis.call('HGET', owners, key) == ownerId then
            remove(redis.sha1hex(key) .. ':' .. ARGV[i + 1])
            if ARGV[i + 2] == '1' then makeDue(key, now) end
            forget(key)
          end
        end
        return redis.call('HLEN', items)
        """;

    /// <summary>Extends the leases that the receiver still has. ARGV: the duration, and the keys.</summary>
    public const string Renew = Prelude + """
        for i = 6, #ARGV do
          if redis.call('HGET', owners, ARGV[i]) == ownerId then redis.call('ZADD', due, at(now + ARGV[5]), ARGV[i]) end
        end
        return 1
        """;

    /// <summary>Releases keys, so that another receiver does not have to wait. ARGV: the keys.</summary>
    public const string Release = Prelude + """
        for i = 5, #ARGV do
          if redis.call('HGET', owners, ARGV[i]) == ownerId then makeDue(ARGV[i], now) end
        end
        return 1
        """;
}
