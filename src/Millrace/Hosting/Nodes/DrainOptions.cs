namespace Millrace;

/// <summary>Options of the drain of a node. They are read when the host starts.</summary>
public sealed class DrainOptions
{
    /// <summary>
    /// Gets or sets the time for which a node that stops reports that it is not ready, and still serves all requests,
    /// so that load balancers stop sending requests to it; from 0 to 5 minutes. Null, the default, is 5 seconds, and 0
    /// in the environment Development. A second SIGTERM or Ctrl+C ends this time.
    /// </summary>
    public TimeSpan? Delay { get; set; }

    internal IEnumerable<string> Problems()
    {
        if (Delay < TimeSpan.Zero || Delay > TimeSpan.FromMinutes(5))
            yield return $"Delay: must be from 0 to 5 minutes, but is {Delay}.";
    }
}
