using StackExchange.Redis;

namespace Millrace.Redis;

/// <summary>What waits of a group's retries when its receivers keep none any more, or do not yet.</summary>
internal static class LeftoverRetries
{
    /// <summary>Whether any wait. Asked in a way that needs no right which a role without retries has not.</summary>
    public static async ValueTask<bool> Wait(GroupClient group, CancellationToken cancellationToken)
    {
        RedisKey items = group.Name.KeyOf("retry:items");
        return await group.Execute(database => database.KeyTypeAsync(items), cancellationToken).ConfigureAwait(false)
            != RedisType.None;
    }
}
