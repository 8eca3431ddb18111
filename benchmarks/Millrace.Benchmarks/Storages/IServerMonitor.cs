namespace Millrace.Benchmarks.Storages;

/// <summary>Monitors a server during a measurement.</summary>
internal interface IServerMonitor
{
    /// <summary>Stops, and describes where the server's time went.</summary>
    /// <param name="batches">The number of committed batches.</param>
    Task<string> Describe(long batches);
}
