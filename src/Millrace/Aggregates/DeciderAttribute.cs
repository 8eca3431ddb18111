namespace Millrace;

/// <summary>
/// Marks a static class as a decider. The class needs a member <c>Initial</c>. Its methods <c>Evolve(TState,
/// TEvent)</c> return the state after an event, and its methods <c>Decide(TCommand, TState)</c> handle a command and
/// return events.
/// </summary>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class DeciderAttribute(string category) : Attribute
{
    /// <summary>Gets the category of the streams, which is in lower case and contains no dash.</summary>
    public string Category { get; } = category;

    /// <summary>
    /// Gets or sets the type of the stream ids. Set it for commands with members of several id types. By default, each
    /// command must have a single id.
    /// </summary>
    public Type? Id { get; set; }
}
