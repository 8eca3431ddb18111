namespace Millrace.Redis.Client;

/// <summary>
/// Thrown when a connection to Redis is lost or unusable: it did not answer in time, or not as Redis does.
/// </summary>
internal sealed class RedisConnectionLostException(string problem, Exception? innerException = null)
    : IOException(problem, innerException)
{
    /// <summary>Creates the error for an answer that Redis never gives: nothing after it can be trusted.</summary>
    public static RedisConnectionLostException UnexpectedReply(string problem) =>
        new($"it does not answer as Redis does: {problem}.");
}
