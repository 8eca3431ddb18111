namespace Millrace.Commands;

/// <summary>Sends a command that the application itself creates, with the services of a separate scope.</summary>
internal delegate Task CommandSender(
    CommandDefinition definition, object command, SendOptions options, CancellationToken cancellationToken);
