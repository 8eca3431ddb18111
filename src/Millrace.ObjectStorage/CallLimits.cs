namespace Millrace.ObjectStorage;

/// <summary>The limits of an operation.</summary>
/// <param name="Timeout">The maximum time of the operation, including its attempts and the pauses between them.</param>
/// <param name="AttemptTimeout">The maximum time of one attempt.</param>
/// <param name="MaxRetries">The maximum number of attempts after the first.</param>
internal readonly record struct CallLimits(TimeSpan Timeout, TimeSpan AttemptTimeout, int MaxRetries)
{
    private const int MaxMaxRetries = 20;
    private static readonly TimeSpan MinTimeout = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan MaxTimeout = TimeSpan.FromHours(1);

    /// <summary>
    /// Gets the limit of the server's client. It is longer than that of the attempt, which therefore always ends first
    /// and states the reason.
    /// </summary>
    public TimeSpan ClientTimeout => AttemptTimeout * 2;

    public IEnumerable<string> Problems()
    {
        if (AttemptTimeout < MinTimeout || AttemptTimeout > MaxTimeout)
            yield return $"AttemptTimeout: must be from 100 milliseconds to 1 hour, but is {AttemptTimeout}.";
        if (Timeout < AttemptTimeout || Timeout > MaxTimeout)
            yield return $"Timeout: must be from AttemptTimeout to 1 hour, but is {Timeout}.";
        if (MaxRetries is < 0 or > MaxMaxRetries)
            yield return $"MaxRetries: must be from 0 to {MaxMaxRetries}, but is {MaxRetries}.";
    }
}
