namespace Millrace;

/// <summary>There is no schedule of that name in the store.</summary>
public sealed class ScheduleNotFoundException(string name) : MillraceException($"There is no schedule '{name}'.")
{
    /// <summary>The name.</summary>
    public string Name { get; } = name;
}
