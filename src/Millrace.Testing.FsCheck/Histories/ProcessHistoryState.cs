namespace Millrace.Testing;

/// <summary>What has happened in a history so far.</summary>
/// <param name="Process">The name of the process.</param>
/// <param name="Id">The instance.</param>
internal sealed record ProcessHistoryState(string Process, string Id)
{
    /// <summary>The events that have come, without those that came again.</summary>
    public List<object> Events { get; } = [];
}
