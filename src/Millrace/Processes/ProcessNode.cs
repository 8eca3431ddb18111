namespace Millrace;

/// <summary>A part of a process, by a name that is stored.</summary>
internal abstract record ProcessNode(string Name);

/// <summary>Sends a command, and knows the one that undoes it.</summary>
internal sealed record StepNode(string Name, Func<string, object?, object> Command, Func<string, object>? Undo)
    : ProcessNode(Name)
{
    /// <summary>The CLR type of the event whose data the command is made of; null when the id is enough.</summary>
    public Type? EventType { get; init; }

    public ProcessRetry Retry { get; init; } = ProcessRetry.Default;

    /// <summary>The exceptions that are no use to try again after.</summary>
    public IReadOnlyList<Type> FailsOn { get; init; } = [];
}

/// <summary>Steps that are begun together; what follows waits for all of them.</summary>
internal sealed record ParallelNode(string Name, IReadOnlyList<StepNode> Steps) : ProcessNode(Name);

/// <summary>Waits for an event.</summary>
internal sealed record AwaitNode(string Name, Type EventType, TimeSpan? Within, TimeoutRule OnTimeout)
    : ProcessNode(Name);

/// <summary>Goes one way or the other, by an event that was received.</summary>
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

/// <summary>From here on the process only goes forward.</summary>
internal sealed record NoReturnNode(string Name) : ProcessNode(Name);
