namespace Millrace;

/// <summary>A process as the runtime needs to know it.</summary>
public abstract class ProcessDefinition
{
    private readonly Lazy<ProcessPlan> _plan;

    private protected ProcessDefinition(string name, int version, Type processType, Func<ProcessPlan> plan)
    {
        if (ConsumerDefinition.NameProblem(name) is { } problem)
            throw new InvalidNameException("process", name, problem);
        ArgumentOutOfRangeException.ThrowIfLessThan(version, 1);
        (Name, Version, ProcessType, _plan) = (name, version, processType, new Lazy<ProcessPlan>(plan));
    }

    /// <summary>Its stable name.</summary>
    public string Name { get; }

    /// <summary>The version of its definition, from 1.</summary>
    public int Version { get; }

    /// <summary>The class that defines it.</summary>
    internal Type ProcessType { get; }

    /// <summary>What it is made of.</summary>
    /// <exception cref="InvalidOperationException">It is not defined in order.</exception>
    internal ProcessPlan Plan => _plan.Value;

    /// <summary>Its states and the ways between them, as a Mermaid state diagram.</summary>
    public string WriteDiagram() => ProcessDiagram.Write(this);
}

/// <summary>A process as the runtime needs to know it.</summary>
public sealed class ProcessDefinition<TId>(string name, int version, Process<TId> process)
    : ProcessDefinition(
        name, version, process?.GetType() ?? throw new ArgumentNullException(nameof(process)), process.Plan)
    where TId : IParsable<TId>;
