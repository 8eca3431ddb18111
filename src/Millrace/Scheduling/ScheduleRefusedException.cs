namespace Millrace;

/// <summary>What was asked of a schedule cannot be done as it stands.</summary>
public sealed class ScheduleRefusedException(string name, string problem)
    : MillraceException($"Schedule '{name}': {problem}")
{
    /// <summary>The name of the schedule.</summary>
    public string Name { get; } = name;

    /// <summary>Why not.</summary>
    public string Problem { get; } = problem;
}
