namespace Millrace;

/// <summary>Thrown when an operation on a schedule is not possible in its current state.</summary>
public sealed class ScheduleRefusedException(string name, string problem)
    : MillraceException($"Schedule '{name}': {problem}")
{
    /// <summary>Gets the name of the schedule.</summary>
    public string Name { get; } = name;

    /// <summary>Gets the reason.</summary>
    public string Problem { get; } = problem;
}
