using System.Net;
using StackExchange.Redis;

namespace Millrace.Redis;

/// <summary>Waits until as many replicas as are asked for have all that was written over a connection.</summary>
internal static class ReplicaCheck
{
    /// <summary>Returns what is wrong; null when there are enough.</summary>
    /// <param name="line">The connection.</param>
    /// <param name="streams">The streams that are written to, which on a cluster are on several nodes.</param>
    /// <param name="options">How many, and how long they are waited for.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    public static async ValueTask<string?> Problem(
        RedisConnection line, IReadOnlyCollection<string> streams, RedisOptions options, CancellationToken cancellationToken)
    {
        object[] arguments = [options.Replicas, (long)options.AnswerTimeout.TotalMilliseconds];
        var limit = 2 * options.AnswerTimeout;
        if (!line.IsCluster)
            return ProblemOf(await line.Ask("WAIT", arguments, limit, cancellationToken).ConfigureAwait(false), options);
        var asked = new HashSet<EndPoint>();
        foreach (var stream in streams)
        {
            var server = line.KnownServerOf(stream);
            if (!asked.Add(server.EndPoint))
                continue;
            var answer = await line.Ask(_ => server.ExecuteAsync("WAIT", arguments), limit, cancellationToken).ConfigureAwait(false);
            if (ProblemOf(answer, options) is { } problem)
                return problem;
        }
        return null;
    }

    private static string? ProblemOf(RedisResult answer, RedisOptions options)
    {
        var inStep = answer.Number("the number of replicas");
        return inStep >= options.Replicas
            ? null
            : $"{options.Replicas} replicas are to have what is published, but only {inStep} are in step.";
    }
}
