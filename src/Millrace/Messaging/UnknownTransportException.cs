namespace Millrace.Messaging;

/// <summary>The configuration does not say which broker is used, or names one that the application cannot be run
/// with.</summary>
/// <param name="name">What it names; null when it names none.</param>
/// <param name="known">The names that there are.</param>
public sealed class UnknownTransportException(string? name, IReadOnlyList<string> known)
    : MillraceException(
        (
            name is null
                ? $"{TransportAlternatives.Setting} does not say which transport is used."
                : $"There is no transport '{name}'.")
            + $" There are: {string.Join(", ", known)}. Set {TransportAlternatives.Setting} to one of them, or add "
            + $"the package of another and its "
            + "line where the transport is chosen.")
{
    /// <summary>What the configuration names; null when it names none.</summary>
    public string? Name { get; } = name;

    /// <summary>The names that there are.</summary>
    public IReadOnlyList<string> Known { get; } = known;
}
