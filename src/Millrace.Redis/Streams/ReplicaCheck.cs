using Millrace.Redis.Client;
using StackExchange.Redis;

namespace Millrace.Redis.Streams;

/// <summary>Waits until enough replicas have all writes of a connection.</summary>
internal static class ReplicaCheck
{
    /// <summary>Returns the problem; null if there are enough replicas.</summary>
    /// <param name="line">The connection.</param>
    /// <param name="master">The node of a cluster; null for the server of a connection to a single server.</param>
    /// <param name="options">The number of replicas, and the time to wait for them.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    public static async ValueTask<Exception?> Problem(
        RedisConnection line, IServer? master, RedisOptions options, CancellationToken cancellationToken)
    {
        object[] arguments = [options.Replicas, (long)options.AnswerTimeout.TotalMilliseconds];
        var limit = 2 * options.AnswerTimeout;
        try
        {
            var answer = master is null
                ? await line.Ask("WAIT", arguments, limit, cancellationToken).ConfigureAwait(false)
                : await line.Ask(_ => master.ExecuteAsync("WAIT", arguments), limit, cancellationToken)
                    .ConfigureAwait(false);
            var inStep = answer.Number("the number of replicas");
            return inStep >= options.Replicas
                ? null
                : new RedisConnectionLostException(
                    $"{options.Replicas} replicas must have published messages, but only {inStep} are in sync.");
        }
        catch (Exception exception) when (exception is RedisConnectionLostException or RedisErrorException)
        {
            return exception;
        }
    }
}
