using System.Globalization;

namespace Millrace.Redis;

/// <summary>Waits until as many replicas as are asked for have all that was written over a connection.</summary>
internal static class ReplicaCheck
{
    /// <summary>Returns what is wrong; null when there are enough.</summary>
    public static async ValueTask<string?> Problem(IRedisConnection line, RedisOptions options, CancellationToken cancellationToken)
    {
        var (replicas, milliseconds) = (Text(options.Replicas), Text((long)options.AnswerTimeout.TotalMilliseconds));
        var answer = await line.Ask(
            RedisCommands.Of("WAIT", replicas, milliseconds), options.AnswerTimeout + options.AnswerTimeout, cancellationToken)
            .ConfigureAwait(false);
        return answer.Kind != RespKind.Integer ? throw RedisLostException.Odd($"it was asked for replicas, and said {answer}")
            : answer.Integer >= options.Replicas ? null
            : $"{replicas} replicas are to have what is published, but only {answer.Integer} are in step.";
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
