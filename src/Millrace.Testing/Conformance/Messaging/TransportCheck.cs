using Millrace.Testing.Conformance.Messaging;

namespace Millrace.Testing;

/// <summary>A guarantee of every transport and the check that verifies it.</summary>
public sealed class TransportCheck
{
    internal TransportCheck(
        string name,
        Func<TransportProbe, Task> run,
        TransportFeatures needs = TransportFeatures.None) => (Name, Run, Needs) = (name, run, needs);

    /// <summary>Gets the guarantee in one sentence. Each check of the suite has a different name.</summary>
    public string Name { get; }

    /// <summary>Gets the features that the check requires.</summary>
    public TransportFeatures Needs { get; }

    internal Func<TransportProbe, Task> Run { get; }

    /// <inheritdoc/>
    public override string ToString() => Name;
}
