namespace Millrace;

/// <summary>Sends a command of the application itself, with the services of a separate scope.</summary>
internal delegate Task CommandSender(
    CommandDefinition definition, object command, SendOptions options, CancellationToken cancellationToken);
