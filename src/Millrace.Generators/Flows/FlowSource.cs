namespace Millrace.Generators.Flows;

/// <summary>The source of a value: a member of the event, a member of the previous document, or the key.</summary>
/// <param name="Root">The kind of the source.</param>
/// <param name="Member">The C# name of the member; null for the whole event, document or key.</param>
internal readonly record struct FlowSource(FlowRoot Root, string? Member)
{
    /// <summary>
    /// Returns the source for a member of this source. A member of a member has the same source as the outer member.
    /// </summary>
    public FlowSource Of(string name) => Member is null && Root != FlowRoot.Key ? new(Root, name) : this;
}

/// <summary>The kinds of sources.</summary>
internal enum FlowRoot
{
    Event,
    Document,
    Key,
}
