namespace Millrace.Benchmarks.Storages;

/// <summary>Watches a server while something is measured.</summary>
internal interface IServerMonitor
{
    /// <summary>Ends, and says in words where the server's time went.</summary>
    /// <param name="batches">How many batches were committed meanwhile.</param>
    Task<string> Describe(long batches);
}
