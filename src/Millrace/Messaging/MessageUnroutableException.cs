namespace Millrace.Messaging;

/// <summary>
/// Thrown when a message would reach no receiver, because the broker has no queue for it. The broker has not kept the
/// message.
/// </summary>
/// <remarks>
/// Start the receiving service first, so that it declares its subscription. If no receiver is required, set
/// <see cref="TransportOptions.AllowsUnroutable"/>.
/// </remarks>
public sealed class MessageUnroutableException(string transport, string destination, string type, string problem)
    : MillraceException(
        $"The message '{type}' for '{destination}' of '{transport}' reaches no receiver: {problem} Start the receiving "
            + $"service, so that its subscription is declared, or set {nameof(TransportOptions.AllowsUnroutable)} if "
            + "no receiver is required.")
{
    /// <summary>Gets the transport's name.</summary>
    public string Transport { get; } = transport;

    /// <summary>Gets the destination.</summary>
    public string Destination { get; } = destination;

    /// <summary>Gets the message's type.</summary>
    public string Type { get; } = type;

    /// <inheritdoc/>
    public override bool IsTransient => true;
}
