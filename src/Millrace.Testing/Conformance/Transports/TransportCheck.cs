namespace Millrace.Testing;

/// <summary>One promise that every transport keeps, and how it is checked.</summary>
public sealed class TransportCheck
{
    internal TransportCheck(
        string name,
        Func<TransportProbe, Task> run,
        TransportFeatures needs = TransportFeatures.None) => (Name, Run, Needs) = (name, run, needs);

    /// <summary>The promise, in a sentence; unique in the suite.</summary>
    public string Name { get; }

    /// <summary>What the transport must offer for the check to make sense.</summary>
    public TransportFeatures Needs { get; }

    internal Func<TransportProbe, Task> Run { get; }

    /// <inheritdoc/>
    public override string ToString() => Name;
}
