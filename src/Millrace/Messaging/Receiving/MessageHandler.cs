namespace Millrace.Messaging;

/// <summary>
/// Handles a message. What it puts into <see cref="MessageContext.Effect"/> is written once; whatever else it does may
/// be done again after a failure or a crash.
/// </summary>
/// <typeparam name="T">The type of the message: an event type of the model, under its stored name.</typeparam>
public delegate ValueTask MessageHandler<in T>(T message, MessageContext context, CancellationToken cancellationToken);
