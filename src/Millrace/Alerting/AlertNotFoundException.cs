namespace Millrace;

/// <summary>Thrown when there is no such alert rule, alert or silence.</summary>
public sealed class AlertNotFoundException(string kind, string name)
    : MillraceException($"There is no {kind} '{name}'.")
{
    /// <summary>Gets the name or the id.</summary>
    public string Name { get; } = name;
}
