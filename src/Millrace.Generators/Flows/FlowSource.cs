namespace Millrace.Generators;

/// <summary>The source of a value: a member of the event, a member of the previous document, or the key.</summary>
/// <param name="Root">The kind of the source.</param>
/// <param name="Member">The name in C#; null for the whole value.</param>
internal readonly record struct FlowSource(FlowRoot Root, string? Member)
{
    /// <summary>Returns a member. A nested member counts as its outer member.</summary>
    public FlowSource Of(string name) => Member is null && Root != FlowRoot.Key ? new(Root, name) : this;
}

/// <summary>The kinds of sources.</summary>
internal enum FlowRoot
{
    Event,
    Document,
    Key,
}
