using Millrace.Redis.Client;
using StackExchange.Redis;

namespace Millrace.Redis.Streams;

/// <summary>Waits until enough replicas have all writes of a connection.</summary>
internal static class ReplicaCheck
{
    /// <summary>Returns the problem; null if enough replicas have all writes.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="master">The node of a cluster; null for the server of a connection to a single server.</param>
    /// <param name="options">The number of replicas, and the time to wait for them.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    public static async ValueTask<Exception?> Problem(
        RedisConnection connection, IServer? master, RedisOptions options, CancellationToken cancellationToken)
    {
        object[] arguments = [options.Replicas, (long)options.AnswerTimeout.TotalMilliseconds];
        var limit = 2 * options.AnswerTimeout;
        try
        {
            var answer = master is null
                ? await connection.Ask("WAIT", arguments, limit, cancellationToken).ConfigureAwait(false)
                : await connection.Ask(_ => master.ExecuteAsync("WAIT", arguments), limit, cancellationToken)
                    .ConfigureAwait(false);
            var inSyncCount = answer.Number("the number of replicas");
            return inSyncCount >= options.Replicas
                ? null
                : new RedisConnectionLostException(
                    $"{options.Replicas} replicas must have published messages, but only {inSyncCount} are in sync.");
        }
        catch (Exception exception) when (exception is RedisConnectionLostException or RedisErrorException)
        {
            return exception;
        }
    }
}
