namespace Millrace;

/// <summary>There is no such instance of a process.</summary>
public sealed class ProcessNotFoundException(string process, string id)
    : MillraceException($"There is no instance '{id}' of the process '{process}'.")
{
    /// <summary>The name of the process.</summary>
    public string Process { get; } = process;

    /// <summary>The id of the instance.</summary>
    public string Id { get; } = id;
}
