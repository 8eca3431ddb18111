namespace Millrace;

/// <summary>Thrown when there is no such instance of a process.</summary>
public sealed class ProcessNotFoundException(string process, string id)
    : MillraceException($"There is no instance '{id}' of the process '{process}'.")
{
    /// <summary>Gets the name of the process.</summary>
    public string Process { get; } = process;

    /// <summary>Gets the id of the instance.</summary>
    public string Id { get; } = id;
}
