using StackExchange.Redis;

namespace Millrace.Redis.Streams;

/// <summary>Removes the entries of a stream that all groups of the stream have acknowledged.</summary>
internal static class AcknowledgedEntryRemover
{
    /// <summary>
    /// Finds the oldest unacknowledged id of each group, or the last id that a group without any has read. Removes the
    /// entries before the lowest of these ids, in whole nodes of the stream. The script is atomic, so that no group is
    /// added or set back in between.
    /// </summary>
    private const string Script = """
        local function isLess(one, other)
          local oneTime, oneNumber = string.match(one, '(%d+)-(%d+)')
          local otherTime, otherNumber = string.match(other, '(%d+)-(%d+)')
          if oneTime ~= otherTime then return tonumber(oneTime) < tonumber(otherTime) end
          return tonumber(oneNumber) < tonumber(otherNumber)
        end
        local minId
        for _, group in ipairs(redis.call('XINFO', 'GROUPS', KEYS[1])) do
          local info = {}
          for i = 1, #group, 2 do info[group[i]] = group[i + 1] end
          local firstNeeded = info['last-delivered-id']
          if info['pending'] > 0 then firstNeeded = redis.call('XPENDING', KEYS[1], info['name'])[2] end
          if not minId or isLess(firstNeeded, minId) then minId = firstNeeded end
        end
        if not minId then return 0 end
        return redis.call('XTRIM', KEYS[1], 'MINID', '~', minId)
        """;

    public static ValueTask<RedisResult> Remove(GroupClient group, CancellationToken cancellationToken) =>
        group.Run(Script, [group.Name.Stream], [], cancellationToken);
}
