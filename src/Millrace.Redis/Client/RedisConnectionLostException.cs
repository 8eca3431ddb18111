namespace Millrace.Redis;

/// <summary>A connection to Redis is gone, or of no use: it did not answer in time, or not as Redis does.</summary>
internal sealed class RedisConnectionLostException(string problem, Exception? innerException = null)
    : IOException(problem, innerException)
{
    /// <summary>An answer that no Redis gives: whatever it is that answers, nothing after it can be trusted.</summary>
    public static RedisConnectionLostException UnexpectedReply(string problem) =>
        new($"it does not answer as Redis does: {problem}.");
}
