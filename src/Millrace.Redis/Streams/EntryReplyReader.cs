using Millrace.Messaging;
using StackExchange.Redis;

namespace Millrace.Redis;

/// <summary>Reads the answers to entries that were sent to be added.</summary>
internal static class EntryReplyReader
{
    /// <summary>Sets the outcome of each message.</summary>
    /// <param name="line">The connection that the entries were sent over.</param>
    /// <param name="sent">The answers.</param>
    /// <param name="places">The index of each answer's message in <paramref name="outcomes"/>.</param>
    /// <param name="outcomes">The outcomes of all messages.</param>
    /// <param name="timeout">
    /// How long the first and each further answer of a server may take; in a cluster, where each node answers alone,
    /// all of them.
    /// </param>
    /// <param name="time">The time.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    public static async ValueTask Read(
        RedisConnection line,
        List<Task<RedisValue>> sent,
        List<int> places,
        PublishOutcome[] outcomes,
        TimeSpan timeout,
        TimeProvider time,
        CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        var limit = timeout;
        try
        {
            for (var i = 0; i < sent.Count; i++)
            {
                if (line.IsCluster)
                    limit = timeout - time.GetElapsedTime(started) is { Ticks: > 0 } left ? left : TimeSpan.Zero;
                (outcomes[places[i]], var isLost) = await Read(line, sent[i], limit, time, cancellationToken)
                    .ConfigureAwait(false);
                if (isLost)
                    limit = TimeSpan.Zero;
            }
        }
        catch
        {
            sent.ForEach(RedisConnection.Ignore);
            throw;
        }
    }

    private static async ValueTask<(PublishOutcome Outcome, bool IsLost)> Read(
        RedisConnection line,
        Task<RedisValue> sent,
        TimeSpan limit,
        TimeProvider time,
        CancellationToken cancellationToken)
    {
        try
        {
            var id = await sent.WaitAsync(limit, time, cancellationToken).ConfigureAwait(false);
            return (
                id.IsNull
                    ? PublishOutcome.Unconfirmed("it was answered with nothing, which is no entry.")
                    : PublishOutcome.Confirmed,
                false);
        }
        catch (Exception exception)
            when (exception is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            RedisConnection.Ignore(sent);
            var failure = line.FailureOf(exception);
            return (PublishOutcome.Unconfirmed(failure.Message), failure is not RedisErrorException);
        }
    }
}
