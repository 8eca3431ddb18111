using Millrace.Redis.Streams;
using StackExchange.Redis;

namespace Millrace.Redis.Retries;

/// <summary>Finds retries in Redis that no receiver of the group delivers, or not yet.</summary>
internal static class LeftoverRetries
{
    /// <summary>Returns true if any retries wait. A role needs no permission for retries to query this.</summary>
    public static async ValueTask<bool> Exist(GroupClient group, CancellationToken cancellationToken)
    {
        RedisKey items = group.Name.KeyOf("retry:items");
        return await group.Execute(database => database.KeyTypeAsync(items), cancellationToken).ConfigureAwait(false)
            != RedisType.None;
    }
}
