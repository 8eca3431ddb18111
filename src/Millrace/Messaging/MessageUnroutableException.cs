namespace Millrace.Messaging;

/// <summary>Nobody would get a message: the broker knows no queue for it, and has not kept it.</summary>
/// <remarks>
/// Let the receiving service declare its subscription first, or set <see cref="TransportOptions.AllowsUnroutable"/>
/// where nobody need listen.
/// </remarks>
public sealed class MessageUnroutableException(string transport, string destination, string type, string problem)
    : MillraceException(
        $"The message '{type}' for '{destination}' of '{transport}' reaches nobody: {problem} Start the service that "
            + $"receives it, so that "
        + $"its subscription is declared, or set {nameof(TransportOptions.AllowsUnroutable)} when nobody need listen.")
{
    /// <summary>The transport's name.</summary>
    public string Transport { get; } = transport;

    /// <summary>Where it was to go.</summary>
    public string Destination { get; } = destination;

    /// <summary>The message's type.</summary>
    public string Type { get; } = type;

    /// <inheritdoc/>
    public override bool IsTransient => true;
}
