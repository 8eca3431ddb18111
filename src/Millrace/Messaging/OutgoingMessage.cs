namespace Millrace.Messaging;

/// <summary>A message and its destination.</summary>
/// <param name="Destination">The destination: an exchange, a topic or a stream, depending on the broker.</param>
/// <param name="Message">The message.</param>
/// <param name="Format">The format in which it is written.</param>
public readonly record struct OutgoingMessage(
    string Destination, Message Message, MessageFormat Format = MessageFormat.Binary);
