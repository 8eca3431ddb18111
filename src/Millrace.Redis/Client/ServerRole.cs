using StackExchange.Redis;

namespace Millrace.Redis.Client;

/// <summary>
/// Checks whether a server is a replica. For a user without the permission (<c>+role</c>), it counts as a master.
/// </summary>
internal static class ServerRole
{
    /// <exception cref="RedisConnectionLostException">The connection is broken.</exception>
    public static async ValueTask<bool> IsReplica(
        RedisConnection connection, TimeSpan limit, CancellationToken cancellationToken)
    {
        try
        {
            var role = await connection.Ask("ROLE", [], limit, cancellationToken).ConfigureAwait(false);
            return role.Length > 0 && (RedisValue)role[0] == "slave";
        }
        catch (RedisErrorException)
        {
            return false;
        }
    }
}
