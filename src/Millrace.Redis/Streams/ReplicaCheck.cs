namespace Millrace.Redis;

/// <summary>Waits until as many replicas as are asked for have all that was written over a connection.</summary>
internal static class ReplicaCheck
{
    /// <summary>Returns what is wrong; null when there are enough.</summary>
    public static async ValueTask<string?> Problem(RedisConnection line, RedisOptions options, CancellationToken cancellationToken)
    {
        var answer = await line.Ask(
            "WAIT", [options.Replicas, (long)options.AnswerTimeout.TotalMilliseconds], 2 * options.AnswerTimeout, cancellationToken)
            .ConfigureAwait(false);
        var inStep = answer.Number("the number of replicas");
        return inStep >= options.Replicas
            ? null
            : $"{options.Replicas} replicas are to have what is published, but only {inStep} are in step.";
    }
}
