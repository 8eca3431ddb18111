namespace Millrace.Messaging;

/// <summary>A message and where it goes.</summary>
/// <param name="Destination">The destination: an exchange, a topic, a stream, as the broker calls it.</param>
/// <param name="Message">The message.</param>
/// <param name="Format">How it is written.</param>
public readonly record struct OutgoingMessage(
    string Destination, Message Message, MessageFormat Format = MessageFormat.Binary);
