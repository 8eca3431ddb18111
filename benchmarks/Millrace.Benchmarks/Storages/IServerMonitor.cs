namespace Millrace.Benchmarks.Storages;

/// <summary>Monitors a database server during a measurement.</summary>
internal interface IServerMonitor
{
    /// <summary>Stops the monitor, and returns a description of the server's wait states and processor time.</summary>
    /// <param name="batches">The number of committed batches.</param>
    Task<string> Describe(long batches);
}
