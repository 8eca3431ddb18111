namespace Millrace.ProcessManagers;

/// <summary>A part of a process, with its stored name.</summary>
internal abstract record ProcessNode(string Name);

/// <summary>A part that sends a command, and another command to compensate it.</summary>
internal sealed record StepNode(string Name, Func<string, object?, object> Command, Func<string, object>? Undo)
    : ProcessNode(Name)
{
    /// <summary>
    /// Gets the CLR type of the event from which the command is created; null if the id is sufficient.
    /// </summary>
    public Type? EventType { get; init; }

    public ProcessRetry Retry { get; init; } = ProcessRetry.Default;

    /// <summary>Gets the exceptions that are final.</summary>
    public IReadOnlyList<Type> FailsOn { get; init; } = [];
}

/// <summary>A group of steps that start together. The next part waits for all of them.</summary>
internal sealed record ParallelNode(string Name, IReadOnlyList<StepNode> Steps) : ProcessNode(Name);

/// <summary>A part that waits for an event.</summary>
internal sealed record AwaitNode(string Name, Type EventType, TimeSpan? Within, TimeoutRule OnTimeout)
    : ProcessNode(Name);

/// <summary>A part that selects one of two branches by an event that was received.</summary>
internal sealed record DecisionNode(
    string Name,
    Type EventType,
    Func<object, bool> Decide,
    IReadOnlyList<ProcessNode> Then,
    IReadOnlyList<ProcessNode> Otherwise) : ProcessNode(Name)
{
    public const string Yes = "then";
    public const string No = "otherwise";
}

/// <summary>The point of no return.</summary>
internal sealed record NoReturnNode(string Name) : ProcessNode(Name);
