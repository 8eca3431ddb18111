namespace Millrace.Messaging;

/// <summary>
/// Handles a message. The writes in <see cref="MessageContext.Effect"/> take effect once. Other effects may be repeated
/// after a failure or a crash.
/// </summary>
/// <typeparam name="T">The type of the message: an event type of the model, under its stored name.</typeparam>
public delegate ValueTask MessageHandler<in T>(T message, MessageContext context, CancellationToken cancellationToken);
