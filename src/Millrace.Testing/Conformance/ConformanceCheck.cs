namespace Millrace.Testing;

/// <summary>One promise that every storage keeps, and how it is checked.</summary>
public sealed class ConformanceCheck
{
    internal ConformanceCheck(
        string name,
        Func<StorageProbe, Task> run,
        StorageFeatures needs = StorageFeatures.None) => (Name, Run, Needs) = (name, run, needs);

    /// <summary>The promise, in a sentence; unique in the suite.</summary>
    public string Name { get; }

    /// <summary>What the storage must offer for the check to make sense.</summary>
    public StorageFeatures Needs { get; }

    internal Func<StorageProbe, Task> Run { get; }

    /// <inheritdoc/>
    public override string ToString() => Name;
}
