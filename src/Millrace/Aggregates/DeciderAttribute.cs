namespace Millrace;

/// <summary>
/// Marks a static class as a decider: it has a member <c>Initial</c>, methods <c>Evolve(TState, TEvent)</c> that return
/// the state after an event, and methods <c>Decide(TCommand, TState)</c> that return events: each of them handles its
/// command.
/// </summary>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class DeciderAttribute(string category) : Attribute
{
    /// <summary>The category of its streams: lower case, without a dash.</summary>
    public string Category { get; } = category;

    /// <summary>The type of its streams' ids, where a command has members of several; by default the only id that a
    /// command has.</summary>
    public Type? Id { get; set; }
}
