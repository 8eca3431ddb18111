namespace Millrace;

/// <summary>
/// Marks a static class as a decider. It has a member <c>Initial</c>, methods <c>Evolve(TState, TEvent)</c> that return
/// the state after an event, and methods <c>Decide(TCommand, TState)</c> that handle a command and return events.
/// </summary>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class DeciderAttribute(string category) : Attribute
{
    /// <summary>Gets the category of the streams: lower case, without a dash.</summary>
    public string Category { get; } = category;

    /// <summary>
    /// Gets or sets the type of the stream ids, for commands with members of several id types. By default the only id
    /// that a command has.
    /// </summary>
    public Type? Id { get; set; }
}
