using Millrace.Messaging;
using Millrace.Redis.Client;
using StackExchange.Redis;

namespace Millrace.Redis.Streams;

/// <summary>Reads the answers of Redis to added entries.</summary>
internal static class EntryReplyReader
{
    /// <summary>Sets the outcome of each message.</summary>
    /// <param name="connection">The connection over which the entries were sent.</param>
    /// <param name="answers">The pending answers.</param>
    /// <param name="indexes">The index of each answer's message in <paramref name="outcomes"/>.</param>
    /// <param name="outcomes">The outcomes of all messages.</param>
    /// <param name="timeout">The maximum time for the first and for each further answer of a server; in a cluster,
    /// where each node answers separately, for all answers.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    public static async ValueTask Read(
        RedisConnection connection,
        List<Task<RedisValue>> answers,
        List<int> indexes,
        PublishOutcome[] outcomes,
        TimeSpan timeout,
        TimeProvider time,
        CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        var limit = timeout;
        try
        {
            for (var i = 0; i < answers.Count; i++)
            {
                if (connection.IsCluster)
                    limit =
                        timeout - time.GetElapsedTime(started) is { Ticks: > 0 } remaining ? remaining : TimeSpan.Zero;
                (outcomes[indexes[i]], var isLost) = await Read(connection, answers[i], limit, time, cancellationToken)
                    .ConfigureAwait(false);
                if (isLost)
                    limit = TimeSpan.Zero;
            }
        }
        catch
        {
            answers.ForEach(RedisConnection.Ignore);
            throw;
        }
    }

    private static async ValueTask<(PublishOutcome Outcome, bool IsLost)> Read(
        RedisConnection connection,
        Task<RedisValue> answer,
        TimeSpan limit,
        TimeProvider time,
        CancellationToken cancellationToken)
    {
        try
        {
            var id = await answer.WaitAsync(limit, time, cancellationToken).ConfigureAwait(false);
            return (
                id.IsNull
                    ? PublishOutcome.Unconfirmed("the answer was empty.")
                    : PublishOutcome.Confirmed,
                false);
        }
        catch (Exception exception)
            when (exception is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            RedisConnection.Ignore(answer);
            var failure = connection.FailureOf(exception);
            return (PublishOutcome.Unconfirmed(failure.Message), failure is not RedisErrorException);
        }
    }
}
