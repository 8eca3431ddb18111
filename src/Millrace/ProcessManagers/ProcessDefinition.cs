using Millrace.ProcessManagers;

namespace Millrace;

/// <summary>The registration of a process.</summary>
public abstract class ProcessDefinition
{
    private readonly Lazy<ProcessPlan> _plan;

    private protected ProcessDefinition(string name, int version, Type processType, Func<ProcessPlan> plan)
    {
        if (ConsumerDefinition.NameProblem(name) is { } problem)
            throw new InvalidNameException("process", name, problem);
        ArgumentOutOfRangeException.ThrowIfLessThan(version, 1);
        Name = name;
        Version = version;
        ProcessType = processType;
        _plan = new Lazy<ProcessPlan>(plan);
    }

    /// <summary>Gets the stable name.</summary>
    public string Name { get; }

    /// <summary>Gets the version of the definition, from 1.</summary>
    public int Version { get; }

    /// <summary>Gets the class that defines the process.</summary>
    internal Type ProcessType { get; }

    /// <summary>Gets the parts of the process.</summary>
    /// <exception cref="InvalidOperationException">The definition is not valid.</exception>
    internal ProcessPlan Plan => _plan.Value;

    /// <summary>Returns the states and transitions as a Mermaid state diagram.</summary>
    public string WriteDiagram() => ProcessDiagram.Write(this);
}

/// <summary>The registration of a process.</summary>
public sealed class ProcessDefinition<TId>(string name, int version, Process<TId> process)
    : ProcessDefinition(
        name, version, process?.GetType() ?? throw new ArgumentNullException(nameof(process)), process.Plan)
    where TId : IParsable<TId>;
