namespace Millrace.Redis;

/// <summary>
/// What is done to the retries of a group, each in one step. Their keys lie where that of the stream does; a message
/// has a number in the order in which it came to the queue.
/// </summary>
internal static class RetryScripts
{
    /// <summary>
    /// KEYS: the stream, the lease of the group, then <c>due</c> (the keys that wait, by when they are due or leased
    /// until), <c>order</c> (the numbers of each key), <c>items</c> (the fields of each number), <c>notes</c> (its
    /// attempts and errors), <c>owners</c> (who has leased a key) and <c>next</c> (the last number). ARGV: the group,
    /// the consumer, who must have the group (empty where it is shared), and who asks.
    /// </summary>
    private const string Prelude = """
        local stream, holder, due, order, items, notes, owners, counter = unpack(KEYS)
        local group, consumer, lease, own = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
        local told = redis.call('TIME')
        local now = told[1] * 1000 + math.floor(told[2] / 1000)
        local function isHolder() return lease == '' or redis.call('GET', holder) == lease end
        local function at(time) return string.format('%.0f', time) end
        local function first(key) return '[' .. redis.sha1hex(key) .. ':' end
        local function last(key) return '(' .. redis.sha1hex(key) .. ';' end
        local function countOf(key) return redis.call('ZLEXCOUNT', order, first(key), last(key)) end
        local function remove(place)
          redis.call('ZREM', order, place)
          redis.call('HDEL', items, string.sub(place, 42))
          redis.call('HDEL', notes, string.sub(place, 42))
        end
        local function hand(key, time)
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
    /// Moves an entry of the stream into the queue. ARGV: its message's key, its id, the pause (empty to join only
    /// behind others), the error, and its fields. Answers -1 when it is another's by now, 2 when it was acknowledged, 0
    /// when nothing waits to be joined, or 1 with how many of its key wait and how many in all.
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
    /// Has a key wait again, whose number has failed once more; those before it are done. ARGV: the key, the number,
    /// the pause and the error. Answers as <see cref="Add"/>.
    /// </summary>
    public const string Again = Prelude + """
        local key, number, pause, problem = ARGV[5], ARGV[6], ARGV[7], ARGV[8]
        if redis.call('HGET', owners, key) ~= own then return {-1} end
        local before = '(' .. redis.sha1hex(key) .. ':' .. number
        for _, place in ipairs(redis.call('ZRANGEBYLEX', order, first(key), before)) do remove(place) end
        local note = redis.call('HGET', notes, number)
        note = note and cjson.decode(note) or {attempts = 0, first = problem, since = at(now)}
        note.attempts, note.last = note.attempts + 1, problem
        redis.call('HSET', notes, number, cjson.encode(note))
        hand(key, now + pause)
        return {1, countOf(key), redis.call('HLEN', items)}
        """;

    /// <summary>
    /// Leases keys that are due. ARGV: for how long, the most messages, the most bytes of them, a key that is asked
    /// about, 1 from who has just got the group alone: what others have leased is his, and 1 to have all due that
    /// nobody has leased. Answers in how many milliseconds the next is due (-1 for none), how many wait in all (-1 to
    /// who has not the group) and of that key, and for each message key, number, attempts and fields.
    /// </summary>
    public const string Take = Prelude + """
        local span, most, bytes = tonumber(ARGV[5]), tonumber(ARGV[6]), tonumber(ARGV[7])
        local taken = {}
        local inAll = -1
        if isHolder() then
          inAll = redis.call('HLEN', items)
          if ARGV[9] == '1' then
            for _, key in ipairs(redis.call('HKEYS', owners)) do hand(key, now) end
          end
          if ARGV[10] == '1' then
            for _, key in ipairs(redis.call('ZRANGE', due, 0, -1)) do
              if not redis.call('HGET', owners, key) then hand(key, now) end
            end
          end
          for _, key in ipairs(redis.call('ZRANGEBYSCORE', due, '-inf', at(now), 'LIMIT', 0, most)) do
            if #taken >= most or bytes <= 0 then break end
            redis.call('ZADD', due, at(now + span), key)
            redis.call('HSET', owners, key, own)
            for _, place in ipairs(redis.call('ZRANGEBYLEX', order, first(key), last(key), 'LIMIT', 0, most - #taken)) do
              local number = string.sub(place, 42)
              local packed, note = redis.call('HGET', items, number), redis.call('HGET', notes, number)
              if packed then
                taken[#taken + 1] = {key, number, note and cjson.decode(note).attempts or 0, cmsgpack.unpack(packed)}
                bytes = bytes - #packed
              else
                remove(place)
              end
              if bytes <= 0 then break end
            end
            forget(key)
          end
        end
        local soonest = redis.call('ZRANGE', due, 0, 0, 'WITHSCORES')
        return {#soonest == 0 and -1 or math.max(0, soonest[2] - now), inAll, countOf(ARGV[8]), taken}
        """;

    /// <summary>
    /// Removes what is done. ARGV: for each a key, its number, and 1 when nothing more of the key is in hand. Answers
    /// how many wait.
    /// </summary>
    public const string Remove = Prelude + """
        for i = 5, #ARGV, 3 do
          local key = ARGV[i]
          if redis.call('HGET', owners, key) == own then
            remove(redis.sha1hex(key) .. ':' .. ARGV[i + 1])
            if ARGV[i + 2] == '1' then hand(key, now) end
            forget(key)
          end
        end
        return redis.call('HLEN', items)
        """;

    /// <summary>Leases keys for longer that are still the asker's. ARGV: for how long, and the keys.</summary>
    public const string Renew = Prelude + """
        for i = 6, #ARGV do
          if redis.call('HGET', owners, ARGV[i]) == own then redis.call('ZADD', due, at(now + ARGV[5]), ARGV[i]) end
        end
        return 1
        """;

    /// <summary>Gives keys back, so that another need not wait. ARGV: the keys.</summary>
    public const string Release = Prelude + """
        for i = 5, #ARGV do
          if redis.call('HGET', owners, ARGV[i]) == own then hand(ARGV[i], now) end
        end
        return 1
        """;
}
