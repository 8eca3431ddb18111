using Millrace.Testing.Conformance;

namespace Millrace.Testing;

/// <summary>A guarantee of every storage and the check that verifies it.</summary>
public sealed class ConformanceCheck
{
    internal ConformanceCheck(
        string name,
        Func<StorageProbe, Task> run,
        StorageFeatures needs = StorageFeatures.None) => (Name, Run, Needs) = (name, run, needs);

    /// <summary>Gets the guarantee in one sentence. Each check of the suite has a different name.</summary>
    public string Name { get; }

    /// <summary>Gets the features that the check requires.</summary>
    public StorageFeatures Needs { get; }

    internal Func<StorageProbe, Task> Run { get; }

    /// <inheritdoc/>
    public override string ToString() => Name;
}
