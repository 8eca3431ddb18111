namespace Millrace.Testing.HistoryGeneration;

/// <summary>The history so far.</summary>
/// <param name="Process">The name of the process.</param>
/// <param name="Id">The id of the instance.</param>
internal sealed record ProcessHistoryState(string Process, string Id)
{
    /// <summary>Gets the distinct events that have arrived.</summary>
    public List<object> Events { get; } = [];
}
