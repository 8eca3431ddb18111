namespace Millrace.Generators;

/// <summary>Where a value comes from: a member of the event, a member of the document as it was, or the key.</summary>
/// <param name="Root">Of what.</param>
/// <param name="Member">Its name in C#; null for the whole.</param>
internal readonly record struct FlowSource(FlowRoot Root, string? Member)
{
    /// <summary>A member of it: a member's member is still that member.</summary>
    public FlowSource Of(string name) => Member is null && Root != FlowRoot.Key ? new(Root, name) : this;
}

/// <summary>What values come from.</summary>
internal enum FlowRoot
{
    Event,
    Document,
    Key,
}
