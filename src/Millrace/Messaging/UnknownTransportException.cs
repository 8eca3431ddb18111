namespace Millrace.Messaging;

/// <summary>
/// Thrown when the configuration selects no broker, or a broker that the application does not support.
/// </summary>
/// <param name="name">The selected name; null if the configuration selects none.</param>
/// <param name="known">The supported names.</param>
public sealed class UnknownTransportException(string? name, IReadOnlyList<string> known)
    : MillraceException(
        (
            name is null
                ? $"{TransportAlternatives.Setting} does not select a transport."
                : $"There is no transport '{name}'.")
                + $" The transports are: {string.Join(", ", known)}. Set {TransportAlternatives.Setting} to one of "
                + "them. For another transport, reference its package and add it where the transport is selected.")
{
    /// <summary>Gets the selected name; null if the configuration selects none.</summary>
    public string? Name { get; } = name;

    /// <summary>Gets the supported names.</summary>
    public IReadOnlyList<string> Known { get; } = known;
}
