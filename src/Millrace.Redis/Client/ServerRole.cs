using StackExchange.Redis;

namespace Millrace.Redis;

/// <summary>Whether a server is the replica of another. A user who may not ask (<c>+role</c>) is not told, and takes it
/// for none.</summary>
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
