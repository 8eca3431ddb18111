namespace Millrace;

/// <summary>Thrown when the store has no schedule of that name.</summary>
public sealed class ScheduleNotFoundException(string name) : MillraceException($"There is no schedule '{name}'.")
{
    /// <summary>Gets the name.</summary>
    public string Name { get; } = name;
}
