namespace Millrace;

/// <summary>What was asked of an instance of a process cannot be done, or an event is not for it.</summary>
public sealed class ProcessRefusedException(string process, string id, string problem)
    : MillraceException($"Process '{process}' of '{id}': {problem}")
{
    /// <summary>The name of the process.</summary>
    public string Process { get; } = process;

    /// <summary>The id of the instance.</summary>
    public string Id { get; } = id;
}
