using Millrace.Redis.Streams;
using StackExchange.Redis;

namespace Millrace.Redis.Retries;

/// <summary>Retries of a group whose receivers do not keep retries, or not yet.</summary>
internal static class LeftoverRetries
{
    /// <summary>Returns true if any wait. The query only needs permissions that a role without retries has.</summary>
    public static async ValueTask<bool> Wait(GroupClient group, CancellationToken cancellationToken)
    {
        RedisKey items = group.Name.KeyOf("retry:items");
        return await group.Execute(database => database.KeyTypeAsync(items), cancellationToken).ConfigureAwait(false)
            != RedisType.None;
    }
}
