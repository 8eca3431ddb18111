namespace Millrace.Messaging;

/// <summary>
/// Handles a message. Millrace commits the writes in <see cref="MessageContext.Effect"/> once. It may repeat other
/// effects after a failure or a crash.
/// </summary>
/// <typeparam name="T">The type of the message, which is an event type of the model.</typeparam>
public delegate ValueTask MessageHandler<in T>(T message, MessageContext context, CancellationToken cancellationToken);
